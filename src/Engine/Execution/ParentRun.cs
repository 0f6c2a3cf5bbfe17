namespace Grainflow.Engine.Execution;

/// <summary>The run, and the node execution in it, that starts a sub-agent.</summary>
/// <param name="RunId">The parent run.</param>
/// <param name="NodeExecutionId">Its Agent node's execution.</param>
/// <param name="RootRunId">The run at the top.</param>
/// <param name="Depth">The depth of the parent run; 0 for a root run.</param>
public sealed record ParentRun(Guid RunId, Guid NodeExecutionId, Guid RootRunId, int Depth);
