using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// The attempts that are under way in one silo; the key is the address of the silo as text. Callers give the silo as placement hint
/// (<c>IPlacementDirector.PlacementHintKey</c>), because only there the grain can answer.
/// </summary>
[Alias("grainflow.ISiloAttemptsGrain")]
public interface ISiloAttemptsGrain : IGrainWithStringKey
{
    /// <summary>Looks for attempts in the silo.</summary>
    /// <param name="asked">The attempts.</param>
    /// <param name="cancel">Whether to cancel those that are under way; they then report TERMINATED to their run.</param>
    /// <returns>Those that are not under way there.</returns>
    /// <exception cref="InvalidOperationException">The grain could not be placed in the silo, so nothing is known.</exception>
    [Alias("FindMissing")]
    Task<ImmutableArray<AttemptKey>> FindMissing(ImmutableArray<AttemptKey> asked, bool cancel);
}

/// <summary>Names one attempt at a node execution.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.AttemptKey")]
public sealed record AttemptKey
{
    /// <summary>The node execution.</summary>
    [Id(0)]
    public required Guid NodeExecutionId { get; init; }

    /// <summary>The number of the attempt, from 1.</summary>
    [Id(1)]
    public required int Attempt { get; init; }

    /// <summary>The epoch of the session that dispatched it (<see cref="NodeWork.Epoch"/>).</summary>
    [Id(2)]
    public long Epoch { get; init; }
}
