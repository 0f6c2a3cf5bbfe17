namespace Grainflow.Engine.Execution;

/// <summary>The statistics of a run so far, with the names of the API (contract: semantics 2.11).</summary>
public sealed record RunStats
{
    /// <summary>The credits charged, including those of sub-agents.</summary>
    public long Cost { get; init; }

    /// <summary>Seconds from the start to the end of the run.</summary>
    public double Duration { get; init; }

    /// <summary>Seconds of processor time of all node executions.</summary>
    public double DurationCpuOnly { get; init; }

    /// <summary>The sum of the seconds that node executions took.</summary>
    public double NodeExecTime { get; init; }

    /// <summary>The same as <see cref="DurationCpuOnly"/>.</summary>
    public double NodeExecTimeCpuOnly { get; init; }

    /// <summary>The number of node executions that ended, including those of sub-agents.</summary>
    public int NodeExecCount { get; init; }

    /// <summary>The number of node executions that failed.</summary>
    public int NodeErrorCount { get; init; }
}
