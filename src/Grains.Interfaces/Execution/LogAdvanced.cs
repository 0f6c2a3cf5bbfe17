namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// The log of a run has grown. A hint for those who listen to the runs of its user (<see cref="ILogListenersGrain"/>): it may be lost, may be late,
/// and one may stand for several commits. Whoever hears it reads the log from where it is.
/// </summary>
[GenerateSerializer, Immutable, Alias("grainflow.LogAdvanced")]
public sealed record LogAdvanced
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required Guid RunId { get; init; }

    /// <summary>Its graph.</summary>
    [Id(1)]
    public required Guid GraphId { get; init; }

    /// <summary>The last committed sequence number of its log; 0 for a run that is stored and waits.</summary>
    [Id(2)]
    public required long Sequence { get; init; }
}
