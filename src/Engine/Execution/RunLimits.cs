using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>
/// The limits of one run (decision 30). Together they limit the memory and the time that a run can use of a process with other runs.
/// A run that exceeds one ends FAILED with a reason that names the limit, unless the member says otherwise; the results so far stay.
/// </summary>
/// <remarks>
/// Limits are checked when the next events are decided or a report is applied, and the consequences are events in the log. A run that is rebuilt from its log
/// with other limits therefore has the same state.
/// </remarks>
public sealed record RunLimits
{
    /// <summary>The most that <see cref="MaxDuration"/> may be, in hours: a year.</summary>
    public const int MostRunHours = 24 * 365;

    /// <summary>The most that <see cref="MaxOpenBytes"/> may be, in MiB.</summary>
    public const int MostOpenMegabytes = 65_536;

    /// <summary>The most dispatched node executions, without repeated attempts. 1 or more; setting <c>MAX_NODE_EXECUTIONS_PER_RUN</c>.</summary>
    [Range(1, int.MaxValue)]
    public int MaxNodeExecutions { get; init; } = 50_000;

    /// <summary>
    /// The most created node executions, including those that wait for inputs (INCOMPLETE) and may never start. 1 or more; setting
    /// <c>MAX_CREATED_NODE_EXECUTIONS_PER_RUN</c>.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxCreatedExecutions { get; init; } = 200_000;

    /// <summary>The longest time from the admission to the end. More than zero; setting <c>MAX_RUN_HOURS</c>.</summary>
    [DurationRange("00:00:00.001", "365.00:00:00")]
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The most attempts at one node execution that may be lost after they had begun, mostly because their process died. After the last one the node ends FAILED and is not tried again,
    /// because the node itself may be what kills the process; the run goes on. An attempt that was interrupted by a shutdown is not counted. 1 to 1,000;
    /// setting <c>MAX_NODE_ATTEMPTS</c>.
    /// </summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; init; } = 3;

    /// <summary>How long a node waits for its second attempt when the first one was lost. Up to an hour; there is no setting for it.</summary>
    [DurationRange("00:00:00", "01:00:00")]
    public TimeSpan SecondAttemptDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same for the third attempt and later ones. Up to an hour; there is no setting for it.</summary>
    [DurationRange("00:00:00", "01:00:00")]
    public TimeSpan LaterAttemptDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The most node executions that are under way at once; further ones wait in their order, and nothing fails. It limits the grains that one run
    /// activates and has no influence on the results. 1 or more; there is no setting for it.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxInFlight { get; init; } = 64;

    /// <summary>
    /// The most outputs of one node execution. An attempt that emits more ends FAILED, and the run goes on; the run ends FAILED when several attempts with
    /// different outputs have emitted more together. 1 or more; setting <c>MAX_OUTPUTS_PER_NODE_EXECUTION</c>.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxOutputsPerExecution { get; init; } = 100_000;

    /// <summary>
    /// The largest output, in bytes of JSON text. A node that emits a larger one ends FAILED, and the run goes on. An output must fit into a grain message and
    /// into a commit of the log, which has at most 64 MiB. 1 to 33,554,432 (32 MiB), which is the default; setting <c>MAX_OUTPUT_BYTES</c>.
    /// </summary>
    [Range(1, 32 * 1024 * 1024)]
    public int MaxOutputBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>
    /// The most bytes of JSON text that the values in memory may have: outputs that are not routed yet, and values that have arrived at executions that wait, are
    /// ready or run. A value that has arrived at several executions is counted for each. 1 or more, 256 MiB by default; setting
    /// <c>MAX_OPEN_MEGABYTES_PER_RUN</c>.
    /// </summary>
    [Range(1, MostOpenMegabytes * 1024L * 1024)]
    public long MaxOpenBytes { get; init; } = 256L * 1024 * 1024;
}
