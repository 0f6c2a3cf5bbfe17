using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// Looks after the unfinished runs of one shard: finds those that nobody goes on with and asks them to go on. The key is the number of the shard, from 0 to 15.
/// </summary>
[Alias("grainflow.IRunSupervisorGrain")]
public interface IRunSupervisorGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Looks at a part of the shard: resumes runs whose silo is dead and runs whose log has not moved for a while, and asks the queues of users whose runs have waited for a
    /// while to look at their rows. Silos call it in turn; a call soon after another one is answered with the result of that one.
    /// </summary>
    /// <param name="now">Whether to look even if somebody has looked just before, because the caller knows of a change.</param>
    [Alias("Look")]
    Task<SupervisionResult> Look(bool now);

    /// <summary>Makes sure that a reminder wakes the shard if no silo asks it to look.</summary>
    [Alias("Anchor")]
    Task Anchor();
}

/// <summary>What a supervisor has found.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SupervisionResult")]
public sealed record SupervisionResult
{
    /// <summary>The runs of dead silos that go on again.</summary>
    [Id(0)]
    public required ImmutableArray<Guid> Resumed { get; init; }

    /// <summary>How many runs of the shard could not be resumed; each is tried again later.</summary>
    [Id(1)]
    public required int Unresumed { get; init; }

    /// <summary>True when a part of the shard was not looked at yet; the next call goes on there.</summary>
    [Id(2)]
    public required bool More { get; init; }
}
