using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Grains;

/// <summary>Settings of the grains. Names and defaults are those of the contract (semantics section 10, DECISIONS).</summary>
public sealed class GrainflowOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Execution";

    /// <summary>
    /// False switches credits off: the balance is always 100 and nothing is charged. Setting <c>ENABLE_CREDIT</c>, without which it is as <c>ENABLE_AUTH</c> (decision 11).
    /// </summary>
    public bool EnableCredit { get; set; } = true;

    /// <summary>True where credits are bought: nobody gets the monthly grant (contract: semantics 3.1, the flag enable-platform-payment). Setting <c>ENABLE_PLATFORM_PAYMENT</c>.</summary>
    public bool EnablePlatformPayment { get; set; }

    /// <summary>The monthly grant raises a lower balance to this many credits.</summary>
    [Range(0, int.MaxValue)]
    public int NumUserCreditsRefill { get; set; } = 1500;

    /// <summary>How many runs of one user and graph may run at once; further ones wait in their order.</summary>
    [Range(1, 1000)]
    public int MaxConcurrentGraphExecutionsPerUser { get; set; } = 25;

    /// <summary>How many runs of one user may run at once; further ones wait in their order (decision 24).</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentExecutionsPerUser { get; set; } = 50;

    /// <summary>
    /// How many runs may be under way at once in this process, sub-agents not counted; further ones wait, and the users that wait take turns (decision 31).
    /// 1 to 100,000; setting <c>MAX_RUNS_PER_SILO</c>.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxRunsPerSilo { get; set; } = 256;

    /// <summary>
    /// How many blocks that wait for input and output, such as a request to a model, may run at once in this process; further ones wait, and the users that have some take turns.
    /// 1 to 100,000.
    /// </summary>
    [Range(1, 100_000)]
    public int BlockPoolSize { get; set; } = 256;

    /// <summary>
    /// How many blocks that only compute may run at once in this process, each on its own thread; further ones wait in their order. Blocks that run for long
    /// do not count (<see cref="Execution.ComputingPool"/>). 1 to 1,000; the default is the number of cores that the process may use.
    /// </summary>
    [Range(1, 1000)]
    public int ComputingPoolSize { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 1000);

    /// <summary>
    /// True in a process whose blocks use scripted services (<c>--scenario</c>). Its runs are marked, and a process with real services stops them in place of going
    /// on with them after a crash.
    /// </summary>
    public bool Scripted { get; set; }

    /// <summary>
    /// How long a block may run; it is cancelled then, and its node ends FAILED with the reason (decision 37). The wait for a place in a pool counts for blocks that
    /// compute only. Sub-agents and reviews have no such limit. More than zero, up to a day; setting <c>MAX_BLOCK_MINUTES</c>.
    /// </summary>
    [DurationRange("00:00:00.001", "1.00:00:00")]
    public TimeSpan BlockTimeLimit { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a cancelled block may take to end before its node ends without it. Up to an hour; zero waits for none.</summary>
    [DurationRange("00:00:00", "01:00:00")]
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a server that was told to stop waits for the blocks that are under way before it interrupts them. Up to an hour; zero interrupts them at once.
    /// Setting <c>SHUTDOWN_DRAIN_SECONDS</c>.
    /// </summary>
    [DurationRange("00:00:00", "01:00:00")]
    public TimeSpan ShutdownDrain { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How often a run looks for what is overdue: nodes that nobody has any more, messages that were lost, cancellations. From a tenth of a second to an hour; there
    /// is no setting for it.
    /// </summary>
    [DurationRange("00:00:00.1", "01:00:00")]
    public TimeSpan RunCheckInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a server asks the supervisors to look for runs that nobody goes on with; they are asked at once when a silo dies. A second to an hour; setting
    /// <c>SUPERVISION_SECONDS</c>.
    /// </summary>
    [DurationRange("00:00:00.05", "01:00:00")]
    public TimeSpan SupervisionInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the log of a running run may stand still before the supervisor asks the run to look for what is overdue. Runs that wait for the world outside are asked
    /// in vain, which costs little. Up to an hour; there is no setting for it.
    /// </summary>
    [DurationRange("00:00:00.05", "01:00:00")]
    public TimeSpan UnmovedAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether effect-free nodes may start before the commit of their dispatch is durable (ADR 0014). False makes every step wait for its commit, which only
    /// makes runs slower.
    /// </summary>
    public bool RunAhead { get; set; } = true;

    /// <summary>A snapshot of a run is written each time its log has grown by this many events.</summary>
    [Range(10, 1_000_000)]
    public int SnapshotEvery { get; set; } = 1000;

    /// <summary>The limits of one run (decision 30).</summary>
    public RunLimits RunLimits { get; set; } = new();
}
