namespace Grainflow.Storage.Billing;

/// <summary>A wallet.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Balance">Credits, 0 or more.</param>
/// <param name="LastSequence">The sequence of the last ledger row; 0 for a wallet that was never used.</param>
/// <param name="UpdatedAt">When the last row was written, or null.</param>
public sealed record Wallet(string UserId, long Balance, long LastSequence, DateTimeOffset? UpdatedAt);
