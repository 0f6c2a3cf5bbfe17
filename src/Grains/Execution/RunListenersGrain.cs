using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IRunListenersGrain"/>
internal sealed partial class RunListenersGrain(TimeProvider clock, ILogger<RunListenersGrain> logger) : Grain, IRunListenersGrain
{
    private readonly Dictionary<Guid, (IRunObserver Observer, DateTimeOffset Until)> _listeners = [];

    /// <inheritdoc/>
    public Task Listen(Guid listener, IRunObserver observer)
    {
        _listeners[listener] = (observer, clock.GetUtcNow() + IRunListenersGrain.Lifetime);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Leave(Guid listener)
    {
        _listeners.Remove(listener);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<bool> Tell(ImmutableArray<RunGrew> notices)
    {
        var now = clock.GetUtcNow();
        foreach (var (listener, (_, until)) in _listeners.ToList())
        {
            if (until <= now) _listeners.Remove(listener);
        }

        foreach (var (listener, (observer, _)) in _listeners.ToList())
        {
            try
            {
                await observer.Grew(notices);
            }
            catch (Exception exception)
            {
                // Its gateway is gone. It registers again if it is not.
                _listeners.Remove(listener);
                ListenerLost(exception, this.GetPrimaryKeyString());
            }
        }

        return _listeners.Count > 0;
    }

    [LoggerMessage(1103, LogLevel.Information, "A listener to the runs of user {UserId} cannot be reached and is forgotten.")]
    private partial void ListenerLost(Exception exception, string userId);
}
