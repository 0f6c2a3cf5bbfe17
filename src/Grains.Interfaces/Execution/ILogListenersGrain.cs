using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// Who listens to the runs of a user; the key is the user id. Runs tell it how far their logs go, and it passes that on to the listeners. It keeps them in
/// memory alone: a listener renews its registration, and one that was forgotten finds what it missed when it looks at the log.
/// </summary>
[Alias("grainflow.ILogListenersGrain")]
public interface ILogListenersGrain : IGrainWithStringKey
{
    /// <summary>How long a registration lasts that is not renewed.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Registers a listener, or renews it.</summary>
    /// <param name="listener">Names the listener; another observer under the same name takes its place.</param>
    /// <param name="observer">Is told from now on.</param>
    [Alias("Register")]
    Task Register(Guid listener, ILogObserver observer);

    /// <summary>Ends a registration.</summary>
    /// <param name="listener">Which.</param>
    [Alias("Unregister")]
    Task Unregister(Guid listener);

    /// <summary>Passes notices on to all listeners.</summary>
    /// <param name="notices">Runs of this user.</param>
    /// <returns>False when nobody listens.</returns>
    [Alias("Publish")]
    Task<bool> Publish(ImmutableArray<LogAdvanced> notices);
}
