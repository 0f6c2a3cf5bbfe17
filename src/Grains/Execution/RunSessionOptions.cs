namespace Grainflow.Grains.Execution;

/// <summary>How a session writes.</summary>
/// <param name="SnapshotEvery">Facts after which the state is written down.</param>
/// <param name="ChargesFees">False when credit is switched off, and with it the fee that a dispatch may owe.</param>
/// <param name="RunsAhead">False when every step waits for its commit.</param>
internal sealed record RunSessionOptions(int SnapshotEvery, bool ChargesFees, bool RunsAhead);
