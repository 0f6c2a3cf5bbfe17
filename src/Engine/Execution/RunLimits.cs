using System.ComponentModel.DataAnnotations;

namespace Grainflow.Engine.Execution;

/// <summary>
/// How far one run may go (decision 30). Together they bound the memory and the time that a run can take from the process it shares with others.
/// A run that passes one ends FAILED with a reason that names it, where nothing else is said; what has ended by then stays.
/// </summary>
/// <remarks>Limits act when something is decided or reported, and what they lead to is in the log. A run is therefore rebuilt alike under other limits.</remarks>
public sealed record RunLimits
{
    /// <summary>The most that <see cref="MaxDuration"/> may be, in hours: a year.</summary>
    public const int MostRunHours = 24 * 365;

    /// <summary>The most that <see cref="MaxOpenBytes"/> may be, in MiB.</summary>
    public const int MostOpenMegabytes = 65_536;

    /// <summary>Node executions that may be dispatched, without repeated attempts. 1 or more; setting <c>MAX_NODE_EXECUTIONS_PER_RUN</c>.</summary>
    [Range(1, int.MaxValue)]
    public int MaxNodeExecutions { get; init; } = 50_000;

    /// <summary>
    /// Node executions that may come into being, those included that wait for inputs (INCOMPLETE) and may never start. 1 or more; setting
    /// <c>MAX_CREATED_NODE_EXECUTIONS_PER_RUN</c>.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxCreatedExecutions { get; init; } = 200_000;

    /// <summary>Time of running, from the admission on. More than zero; setting <c>MAX_RUN_HOURS</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "365.00:00:00")]
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Attempts at one node execution whose process ended under them. At the last the node ends FAILED and is not tried again, because it may be what ends
    /// the process; the run goes on. An attempt that a stop in order interrupted does not count. 1 to 1,000; setting <c>MAX_NODE_ATTEMPTS</c>.
    /// </summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; init; } = 3;

    /// <summary>
    /// Node executions that may be under way at once; more wait in order and nothing fails. Bounds the grains that one run
    /// activates; what is routed, and in which order, does not depend on it. 1 or more; no setting.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxInFlight { get; init; } = 64;

    /// <summary>
    /// Outputs of one node execution. An attempt that emits more ends FAILED, and the run goes on; the run ends FAILED when attempts that differ have
    /// left more together. 1 or more; setting <c>MAX_OUTPUTS_PER_NODE_EXECUTION</c>.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxOutputsPerExecution { get; init; } = 100_000;

    /// <summary>
    /// Bytes of one output as JSON text. A node that emits a larger one ends FAILED, and the run goes on. It must fit into a message between grains and
    /// into a commit of the log, which is 64 MiB at most. 1 to 33,554,432 (32 MiB), the default; setting <c>MAX_OUTPUT_BYTES</c>.
    /// </summary>
    [Range(1, 32 * 1024 * 1024)]
    public int MaxOutputBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>
    /// Bytes of JSON text of the values that the run holds in memory: outputs that are not routed yet, and what has arrived at executions that wait, are
    /// ready or run. A value that has arrived at several executions counts for each. 1 or more, 256 MiB by default; setting <c>MAX_OPEN_MEGABYTES_PER_RUN</c>.
    /// </summary>
    [Range(1, MostOpenMegabytes * 1024L * 1024)]
    public long MaxOpenBytes { get; init; } = 256L * 1024 * 1024;
}
