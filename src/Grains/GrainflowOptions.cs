using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Execution;

namespace Grainflow.Grains;

/// <summary>Settings of the engine. Names and defaults are those of the contract (semantics section 10, DECISIONS).</summary>
public sealed class GrainflowOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Execution";

    /// <summary>False switches credits off: the balance is always 100 and nothing is charged (decision 11).</summary>
    public bool EnableCredit { get; set; } = true;

    /// <summary>The balance that the grant of a month fills up to, in credits.</summary>
    [Range(0, int.MaxValue)]
    public int NumUserCreditsRefill { get; set; } = 1500;

    /// <summary>Runs of one user and graph that may run at once; more wait in order.</summary>
    [Range(1, 1000)]
    public int MaxConcurrentGraphExecutionsPerUser { get; set; } = 25;

    /// <summary>Runs of one user that may run at once; more wait in order (decision 24).</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentExecutionsPerUser { get; set; } = 50;

    /// <summary>Blocks that wait for the world, such as a model, and may run at once in this process; more wait in order. 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int BlockPoolSize { get; set; } = 256;

    /// <summary>
    /// Blocks that only compute and may run at once in this process, each on a thread of its own; more wait in order, but for long ones
    /// (<see cref="Execution.ComputingPool"/>). 1 to 1,000; the default is the number of cores that the process may use.
    /// </summary>
    [Range(1, 1000)]
    public int ComputingPoolSize { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 1000);

    /// <summary>How long a cancelled block may take to end before it is left behind.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether effect-free nodes may start before the commit of their dispatch is durable (ADR 0014). False makes every step wait for its commit; runs are
    /// slower then, and nothing else changes.
    /// </summary>
    public bool RunAhead { get; set; } = true;

    /// <summary>Log events after which the state of a run is written down as a snapshot.</summary>
    [Range(10, 1_000_000)]
    public int SnapshotEvery { get; set; } = 1000;

    /// <summary>How far one run may go (decision 30).</summary>
    public RunLimits RunLimits { get; set; } = new();
}
