namespace Grainflow.Grains.Execution;

/// <summary>How a session writes to the log.</summary>
/// <param name="SnapshotEvery">A snapshot of the state is written each time the log has grown by this many events.</param>
/// <param name="ChargesFees">False when credits are switched off, so that no dispatch can owe the every-100th fee.</param>
/// <param name="RunsAhead">False when every step waits for its commit (ADR 0014).</param>
internal sealed record RunSessionOptions(int SnapshotEvery, bool ChargesFees, bool RunsAhead)
{
    public static RunSessionOptions Of(GrainflowOptions options) => new(options.SnapshotEvery, options.EnableCredit, options.RunAhead);
}
