namespace Grainflow.Engine.Execution;

/// <summary>The run that starts a sub-agent.</summary>
/// <param name="RunId">The parent run.</param>
/// <param name="NodeExecutionId">The execution of its Agent node.</param>
/// <param name="RootRunId">The topmost run, which was not started by another run.</param>
/// <param name="Depth">The depth of the parent run; 0 for a root run.</param>
public sealed record ParentRun(Guid RunId, Guid NodeExecutionId, Guid RootRunId, int Depth);
