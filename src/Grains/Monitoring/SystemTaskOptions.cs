using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Monitoring;

/// <summary>Settings of the tasks of the platform. Names and defaults are those of the contract (semantics section 10).</summary>
public sealed class SystemTaskOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "SystemTasks";

    /// <summary>False: no task runs by itself; each can still be run by hand. Setting <c>ENABLE_SYSTEM_TASKS</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long an execution may be QUEUED before it is late, and how often late ones are looked for; 10 to 86,400 seconds. Setting <c>EXECUTION_LATE_NOTIFICATION_THRESHOLD_SECS</c>.</summary>
    [Range(10, 86_400)]
    public int LateThresholdSeconds { get; set; } = 300;

    /// <summary>The share of failures from which on a block is reported, 0 to 1. Setting <c>BLOCK_ERROR_RATE_THRESHOLD</c>.</summary>
    [Range(0.0, 1.0)]
    public double BlockErrorRateThreshold { get; set; } = 0.5;

    /// <summary>How often the error rates of blocks are checked; 60 to 604,800 seconds. Setting <c>BLOCK_ERROR_RATE_CHECK_INTERVAL_SECS</c>.</summary>
    [Range(60, 604_800)]
    public int BlockErrorRateSeconds { get; set; } = 86_400;

    /// <summary>How many blocks with most failures are shown when none is over the limit; 0 shows none, at most 100. Setting <c>BLOCK_ERROR_INCLUDE_TOP_BLOCKS</c>.</summary>
    [Range(0, 100)]
    public int TopBlocks { get; set; } = 3;

    /// <summary>How often the accuracy of agents is checked; 1 to 168 hours. Setting <c>EXECUTION_ACCURACY_CHECK_INTERVAL_HOURS</c>.</summary>
    [Range(1, 168)]
    public int AccuracyHours { get; set; } = 24;

    /// <summary>How often files that have expired are deleted; 1 to 24 hours. Setting <c>CLOUD_STORAGE_CLEANUP_INTERVAL_HOURS</c>.</summary>
    [Range(1, 24)]
    public int FileCleanupHours { get; set; } = 6;

    /// <summary>How often OAuth codes and tokens that have expired are deleted; 1 to 24 hours. Setting <c>OAUTH_TOKEN_CLEANUP_INTERVAL_HOURS</c>.</summary>
    [Range(1, 24)]
    public int OAuthCleanupHours { get; set; } = 6;

    /// <summary>How often a server asks the tasks whether they are due; a tenth of a second to ten minutes. There is no setting for it.</summary>
    [DurationRange("00:00:00.1", "00:10:00")]
    public TimeSpan Pace { get; set; } = TimeSpan.FromSeconds(10);
}
