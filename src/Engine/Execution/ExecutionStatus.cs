namespace Grainflow.Engine.Execution;

/// <summary>The state of a run or of a node execution (contract: semantics 2.1).</summary>
public enum ExecutionStatus
{
    /// <summary>Inputs are still missing.</summary>
    Incomplete,

    /// <summary>Complete, waiting to start.</summary>
    Queued,

    /// <summary>Started.</summary>
    Running,

    /// <summary>Ended as it should.</summary>
    Completed,

    /// <summary>Stopped by somebody.</summary>
    Terminated,

    /// <summary>Ended by an error.</summary>
    Failed,

    /// <summary>Paused until a person decides.</summary>
    Review,
}
