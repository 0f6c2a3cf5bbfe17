using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// Exchanges how much room each silo has; the key is 0. It holds in memory what silos published in the last seconds. An old or missing answer only makes a placement
/// worse.
/// </summary>
[Alias("grainflow.ISiloLoadsGrain")]
public interface ISiloLoadsGrain : IGrainWithIntegerKey
{
    /// <summary>Publishes the load of the calling silo. Called every second by each silo of a cluster.</summary>
    /// <param name="load">The load of the caller.</param>
    /// <returns>The loads of all silos that published theirs lately, the caller's included.</returns>
    [Alias("Publish")]
    Task<ImmutableArray<SiloLoad>> Publish(SiloLoad load);
}

/// <summary>How much a silo has to do.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SiloLoad")]
public sealed record SiloLoad
{
    /// <summary>The address of the silo with its generation, as <c>SiloAddress.ToParsableString</c> writes it.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary>Places of its block pool that no block has or waits for. Negative when more blocks wait than there are places.</summary>
    [Id(1)]
    public required int FreePlaces { get; init; }

    /// <summary>True when it is about to leave, so that nothing new should be placed on it.</summary>
    [Id(2)]
    public bool IsDraining { get; init; }

    /// <summary>Run slots that no run has or waits for. Negative when more runs wait than there are slots. 0 from a silo of a version that does not publish them.</summary>
    [Id(3)]
    public int FreeRunSlots { get; init; }
}
