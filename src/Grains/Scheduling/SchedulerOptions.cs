using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Scheduling;

/// <summary>Settings of schedules.</summary>
public sealed class SchedulerOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Scheduler";

    /// <summary>How many days of the history of a schedule are kept; 1 to 36,500. Setting <c>SCHEDULE_HISTORY_DAYS</c>.</summary>
    [Range(1, 36_500)]
    public int HistoryDays { get; set; } = 90;

    /// <summary>How many rows of the history of a schedule are kept at most; 1 to 1,000,000. Setting <c>SCHEDULE_HISTORY_ROWS</c>.</summary>
    [Range(1, 1_000_000)]
    public int HistoryRows { get; set; } = 1000;

    /// <summary>
    /// How many runs of one user that triggers of <c>/api/scheduler</c> have started may go on at a time; more wait in the queue of the user (decision 24). 0, which is the
    /// default, for no limit beside those of all runs; to 10,000. Setting <c>SCHEDULER_MAX_RUNS_PER_USER</c>.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxTriggeredRunsPerUser { get; set; }

    /// <summary>
    /// How many of them may begin in a second, for each user (decision 24). 0, which is the default, for as many as are due; to 10,000.
    /// Setting <c>SCHEDULER_MAX_STARTS_PER_SECOND</c>.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxTriggeredStartsPerSecond { get; set; }

    /// <summary>
    /// After what time a claimed occurrence whose run nobody has reported is started by whoever looks next, because the one that claimed it may be dead. Starting it
    /// twice is harmless. A tenth of a second to an hour; there is no setting for it.
    /// </summary>
    [DurationRange("00:00:00.1", "01:00:00")]
    public TimeSpan StartPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a buffered occurrence looks whether the runs before it have ended. A tenth of a second to an hour; there is no setting for it.</summary>
    [DurationRange("00:00:00.1", "01:00:00")]
    public TimeSpan BufferInterval { get; set; } = TimeSpan.FromSeconds(5);
}
