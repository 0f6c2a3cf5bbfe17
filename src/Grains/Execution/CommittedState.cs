using Grainflow.Engine.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The state of a run at one point of its log.</summary>
internal sealed record CommittedState(long Sequence, ExecutionStatus Status, bool IsStopping, string? Error, RunStats Stats)
{
    public static CommittedState Of(GraphRun run, long sequence) => new(sequence, run.Status, run.IsStopping, run.Error, run.Stats);
}
