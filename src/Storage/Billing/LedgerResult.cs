namespace Grainflow.Storage.Billing;

/// <summary>The answer to a <see cref="LedgerOperation"/>.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Balance">The running balance of the row (applied now or before), else the balance that was too small or is unchanged.</param>
/// <param name="Sequence">The row's place in the user's ledger, from 1; 0 when there is none.</param>
/// <param name="Amount">The recorded amount; 0 when there is no row.</param>
/// <param name="Shortfall">What could not be taken, 0 or more.</param>
public sealed record LedgerResult(LedgerOutcome Outcome, long Balance, long Sequence, long Amount, long Shortfall);
