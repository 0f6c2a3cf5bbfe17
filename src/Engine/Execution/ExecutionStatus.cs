namespace Grainflow.Engine.Execution;

/// <summary>The state of a run or of a node execution (contract: semantics 2.1).</summary>
public enum ExecutionStatus
{
    /// <summary>It waits for inputs.</summary>
    Incomplete,

    /// <summary>Its input is complete, and it waits to start.</summary>
    Queued,

    /// <summary>It has started.</summary>
    Running,

    /// <summary>It has ended without an error.</summary>
    Completed,

    /// <summary>It was stopped by a user or by the end of its run.</summary>
    Terminated,

    /// <summary>It has ended with an error.</summary>
    Failed,

    /// <summary>It waits for the review of a person.</summary>
    Review,
}
