using System.ComponentModel.DataAnnotations;

namespace Grainflow.Storage.Execution;

/// <summary>Settings of the <see cref="ExecutionLog"/>.</summary>
public sealed class ExecutionLogOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Log";

    /// <summary>Every how many counted dispatches of a user a fee is due (semantics 3.2 step 3). 1 or more.</summary>
    [Range(1, int.MaxValue)]
    public int ExecutionCostCountThreshold { get; set; } = 100;

    /// <summary>The fee, in credits. 0 or more.</summary>
    [Range(0, int.MaxValue)]
    public int ExecutionCostPerThreshold { get; set; } = 1;

    /// <summary>How long dispatches of a user are counted together, from the first one.</summary>
    public TimeSpan ExecutionCountWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many commits go into one statement at most.</summary>
    [Range(1, 10_000)]
    public int MaxBatchCommits { get; set; } = 512;

    /// <summary>How many bytes of JSON go into one statement at most; a larger commit goes alone.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBatchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many bytes of JSON a commit may have; a larger one is rejected, so that it cannot hold up the runs behind it.</summary>
    [Range(1, 512 * 1024 * 1024)]
    public int MaxCommitBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How long a commit that may wait is held back at most (<see cref="RunCommit.MayWait"/>). Longer saves syncs of the database's log when the steps of a run
    /// are slow; what is lost with the process then is as much computing again. Zero holds nothing back.
    /// </summary>
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The first pause when the database cannot be reached; it doubles up to <see cref="MaxRetryDelay"/>.</summary>
    public TimeSpan MinRetryDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause when the database cannot be reached.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);
}
