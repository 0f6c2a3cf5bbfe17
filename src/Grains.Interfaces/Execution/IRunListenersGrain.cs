using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// Who listens to the stream of a user's runs, so that runs say nothing where nobody does; the key is the user id. It is kept in
/// memory alone: listeners renew themselves, and one that is forgotten hears late, never wrongly.
/// </summary>
[Alias("grainflow.IRunListenersGrain")]
public interface IRunListenersGrain : IGrainWithStringKey
{
    /// <summary>How long a registration lasts that is not renewed.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Registers a listener, or renews it.</summary>
    /// <param name="listener">Which gateway.</param>
    [Alias("Listen")]
    Task Listen(Guid listener);

    /// <summary>Ends a registration.</summary>
    /// <param name="listener">Which gateway.</param>
    [Alias("Leave")]
    Task Leave(Guid listener);

    /// <summary>Whether anybody listens.</summary>
    [Alias("HasListeners"), ReadOnly]
    Task<bool> HasListeners();
}
