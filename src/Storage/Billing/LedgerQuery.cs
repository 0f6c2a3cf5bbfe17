namespace Grainflow.Storage.Billing;

/// <summary>Which part of a user's history is wanted.</summary>
public sealed record LedgerQuery
{
    /// <summary>How many rows at most, newest first.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Only rows of this type; null for all.</summary>
    public string? Type { get; init; }

    /// <summary>Only rows strictly before this time; null for all.</summary>
    public DateTimeOffset? Before { get; init; }
}
