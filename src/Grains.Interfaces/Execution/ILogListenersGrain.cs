using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Scheduling;
using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// The listeners to the runs of a user; the key is the user id. Runs publish notices here, and the grain sends them to the listeners. Registrations are held in
/// memory only: a listener renews its own, and when a registration was lost the listener finds the missed events by its regular check of the logs.
/// </summary>
[Alias("grainflow.ILogListenersGrain")]
public interface ILogListenersGrain : IGrainWithStringKey
{
    /// <summary>How long a registration lasts without a renewal.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Registers a listener, or renews it.</summary>
    /// <param name="listener">The id of the listener; another observer with the same id replaces this one.</param>
    /// <param name="observer">Receives the notices.</param>
    [Alias("Register")]
    Task Register(Guid listener, ILogObserver observer);

    /// <summary>Ends a registration.</summary>
    /// <param name="listener">The id of the listener.</param>
    [Alias("Unregister")]
    Task Unregister(Guid listener);

    /// <summary>Sends notices to all listeners.</summary>
    /// <param name="notices">Notices about runs of this user.</param>
    /// <returns>False when the user has no listeners.</returns>
    [Alias("Publish")]
    Task<bool> Publish(ImmutableArray<LogAdvanced> notices);

    /// <summary>Sends notices of schedules to all listeners.</summary>
    /// <param name="notices">Notices about schedules of this user.</param>
    [Alias("Notify")]
    Task Notify(ImmutableArray<ScheduleNotice> notices);

    /// <summary>Tells all listeners that the user has got on in onboarding (contract: semantics 8.4, "Pushes").</summary>
    /// <param name="step">The step that is completed; null when runs were counted and none is.</param>
    [Alias("NotifyOnboarding")]
    Task NotifyOnboarding(string? step);

    /// <summary>Says whether a registered listener gets partial texts; without, it gets none. It stays so when the registration is renewed.</summary>
    /// <param name="listener">The id of the listener; one that is not registered is ignored.</param>
    /// <param name="wanted">Whether it gets them.</param>
    [Alias("WantPartial")]
    Task WantPartial(Guid listener, bool wanted);

    /// <summary>Sends a partial text to the listeners that want such texts.</summary>
    /// <param name="partial">The text so far of a run of this user.</param>
    /// <returns>False when nobody wants them.</returns>
    [Alias("PublishPartial")]
    Task<bool> PublishPartial(PartialOutput partial);
}

/// <summary>The receiver of notices in the process of a listener. Notices are hints: they may be lost, late or repeated.</summary>
[Alias("grainflow.ILogObserver")]
public interface ILogObserver : IGrainObserver
{
    /// <summary>Receives notices. The caller does not wait for the answer.</summary>
    /// <param name="notices">Notices about runs of the user, in the order in which they were published.</param>
    [Alias("LogsAdvanced"), OneWay]
    Task LogsAdvanced(ImmutableArray<LogAdvanced> notices);

    /// <summary>Receives notices of schedules. The caller does not wait for the answer.</summary>
    /// <param name="notices">Notices about schedules of the user, in the order in which they were sent.</param>
    [Alias("SchedulesNoticed"), OneWay]
    Task SchedulesNoticed(ImmutableArray<ScheduleNotice> notices);

    /// <summary>Receives that the user has got on in onboarding. The caller does not wait for the answer.</summary>
    /// <param name="step">The step that is completed; null when runs were counted and none is.</param>
    [Alias("OnboardingNoticed"), OneWay]
    Task OnboardingNoticed(string? step);

    /// <summary>Receives a text that is still made. The caller does not wait for the answer.</summary>
    /// <param name="partial">The text so far.</param>
    [Alias("PartialAdvanced"), OneWay]
    Task PartialAdvanced(PartialOutput partial);
}

/// <summary>
/// The notice that the log of a run has advanced, for the listeners to the runs of its user (<see cref="ILogListenersGrain"/>). It may be lost or late,
/// and one notice may stand for several commits. The receiver reads the log from its own position.
/// </summary>
[GenerateSerializer, Immutable, Alias("grainflow.LogAdvanced")]
public sealed record LogAdvanced
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required Guid RunId { get; init; }

    /// <summary>The graph of the run.</summary>
    [Id(1)]
    public required Guid GraphId { get; init; }

    /// <summary>The last committed sequence number of its log; 0 for a run that is queued.</summary>
    [Id(2)]
    public required long Sequence { get; init; }
}
