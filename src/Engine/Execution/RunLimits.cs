namespace Grainflow.Engine.Execution;

/// <summary>How far a run may go (decision 30).</summary>
public sealed record RunLimits
{
    /// <summary>Node executions after which a run fails. 1 or more.</summary>
    public int MaxNodeExecutions { get; init; } = 50_000;

    /// <summary>Time of running after which a run fails.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Node executions of one run that may be under way at once; more wait in order. Bounds the grains that one run
    /// activates; what is routed, and in which order, does not depend on it.
    /// </summary>
    public int MaxInFlight { get; init; } = 64;
}
