using System.Collections.Frozen;

namespace Grainflow.Engine.Execution;

/// <summary>Names and rules of <see cref="ExecutionStatus"/>.</summary>
public static class ExecutionStatuses
{
    /// <summary>The names of the statuses for which <see cref="IsFinal"/> is true.</summary>
    public static FrozenSet<string> FinalNames { get; } =
        Enum.GetValues<ExecutionStatus>().Where(IsFinal).Select(Name).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The contract's name, for example <c>COMPLETED</c>.</summary>
    /// <param name="status">A status.</param>
    public static string Name(this ExecutionStatus status) => status switch
    {
        ExecutionStatus.Incomplete => "INCOMPLETE",
        ExecutionStatus.Queued => "QUEUED",
        ExecutionStatus.Running => "RUNNING",
        ExecutionStatus.Completed => "COMPLETED",
        ExecutionStatus.Terminated => "TERMINATED",
        ExecutionStatus.Failed => "FAILED",
        ExecutionStatus.Review => "REVIEW",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown status."),
    };

    /// <summary>The status with this name.</summary>
    /// <param name="name">A name of the contract.</param>
    /// <exception cref="FormatException">There is no such status.</exception>
    public static ExecutionStatus Parse(string name)
    {
        foreach (var status in Enum.GetValues<ExecutionStatus>())
            if (string.Equals(status.Name(), name, StringComparison.Ordinal)) return status;
        throw new FormatException($"'{name}' is not a status of an execution.");
    }

    /// <summary>True for a status that does not change any more: COMPLETED, TERMINATED, FAILED (promise 3; decision 8).</summary>
    /// <param name="status">A status.</param>
    public static bool IsFinal(this ExecutionStatus status) =>
        status is ExecutionStatus.Completed or ExecutionStatus.Terminated or ExecutionStatus.Failed;

    /// <summary>Whether one status may follow another (contract: semantics 2.1; decision 8: no status follows a final one).</summary>
    /// <param name="from">The current status.</param>
    /// <param name="to">The next status.</param>
    public static bool MayBecome(this ExecutionStatus from, ExecutionStatus to) => to switch
    {
        ExecutionStatus.Queued => from is ExecutionStatus.Incomplete or ExecutionStatus.Review,
        ExecutionStatus.Running => from is ExecutionStatus.Incomplete or ExecutionStatus.Queued or ExecutionStatus.Review,
        ExecutionStatus.Completed or ExecutionStatus.Review => from is ExecutionStatus.Running,
        ExecutionStatus.Failed or ExecutionStatus.Terminated =>
            from is ExecutionStatus.Incomplete or ExecutionStatus.Queued or ExecutionStatus.Running or ExecutionStatus.Review,
        _ => false,
    };
}
