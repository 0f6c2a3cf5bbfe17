namespace Grainflow.Engine.Execution;

/// <summary>How far a run may go (decision 30).</summary>
public sealed record RunLimits
{
    /// <summary>Node executions after which a run fails. 1 or more.</summary>
    public int MaxNodeExecutions { get; init; } = 50_000;

    /// <summary>Time of running after which a run fails.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Attempts at one node execution whose process ended under them, after which it ends FAILED and is not tried again: it may be what ends the
    /// process. An attempt that a stop in order interrupted does not count. 1 to 1,000 attempts.
    /// </summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>
    /// Node executions of one run that may be under way at once; more wait in order. Bounds the grains that one run
    /// activates; what is routed, and in which order, does not depend on it.
    /// </summary>
    public int MaxInFlight { get; init; } = 64;
}
