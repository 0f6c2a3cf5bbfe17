using Grainflow.Engine.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The state of a run at one point of its log.</summary>
internal sealed record RunCondition(long Sequence, ExecutionStatus Status, bool IsStopping, string? Error, RunStats Stats)
{
    public static RunCondition Of(GraphRun run, long sequence) => new(sequence, run.Status, run.IsStopping, run.Error, run.Stats);
}
