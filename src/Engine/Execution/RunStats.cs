namespace Grainflow.Engine.Execution;

/// <summary>What a run measured so far (contract: semantics 2.11; names as the API shows them).</summary>
public sealed record RunStats
{
    /// <summary>Credits charged, with those of sub-agents.</summary>
    public long Cost { get; init; }

    /// <summary>Seconds from start to end of the run.</summary>
    public double Duration { get; init; }

    /// <summary>Seconds of processor time of all node executions.</summary>
    public double DurationCpuOnly { get; init; }

    /// <summary>Seconds that node executions ran, added up.</summary>
    public double NodeExecTime { get; init; }

    /// <summary>As <see cref="NodeExecTime"/>, processor time only.</summary>
    public double NodeExecTimeCpuOnly { get; init; }

    /// <summary>Node executions that ended, with those of sub-agents.</summary>
    public int NodeExecCount { get; init; }

    /// <summary>Node executions that failed.</summary>
    public int NodeErrorCount { get; init; }
}
