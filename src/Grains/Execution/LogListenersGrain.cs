using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Grains.Placement;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="ILogListenersGrain"/>
[PreferLocalPlacement, StayingSilos]
internal sealed partial class LogListenersGrain(TimeProvider clock, ILogger<LogListenersGrain> logger) : Grain, ILogListenersGrain
{
    private readonly Dictionary<Guid, (ILogObserver Observer, DateTimeOffset Until, bool WantsPartial)> _listeners = [];

    /// <inheritdoc/>
    public Task Register(Guid listener, ILogObserver observer)
    {
        _listeners[listener] = (observer, clock.GetUtcNow() + ILogListenersGrain.Lifetime, _listeners.TryGetValue(listener, out var before) && before.WantsPartial);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Unregister(Guid listener)
    {
        _listeners.Remove(listener);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WantPartial(Guid listener, bool wanted)
    {
        if (_listeners.TryGetValue(listener, out var registered)) _listeners[listener] = registered with { WantsPartial = wanted };
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> PublishPartial(PartialOutput partial) => SendAsync(observer => observer.PartialAdvanced(partial), partial: true);

    /// <inheritdoc/>
    public Task<bool> Publish(ImmutableArray<LogAdvanced> notices) => SendAsync(observer => observer.LogsAdvanced(notices));

    /// <inheritdoc/>
    public Task Notify(ImmutableArray<ScheduleNotice> notices) => SendAsync(observer => observer.SchedulesNoticed(notices));

    /// <inheritdoc/>
    public Task NotifyOnboarding(string? step) => SendAsync(observer => observer.OnboardingNoticed(step));

    /// <summary>Sends something to the listeners, to those that want partial texts alone if it is one; false when there are none.</summary>
    private async Task<bool> SendAsync(Func<ILogObserver, Task> send, bool partial = false)
    {
        var now = clock.GetUtcNow();
        foreach (var (listener, (_, until, _)) in _listeners.ToList())
        {
            if (until <= now) _listeners.Remove(listener);
        }

        foreach (var (listener, (observer, _, wantsPartial)) in _listeners.ToList())
        {
            if (partial && !wantsPartial) continue;
            try
            {
                await send(observer);
            }
            catch (Exception exception)
            {
                // The listener's process is gone or cannot be reached; in the second case it registers again at its next renewal.
                _listeners.Remove(listener);
                ListenerLost(exception, this.GetPrimaryKeyString());
            }
        }

        return partial ? _listeners.Values.Any(listener => listener.WantsPartial) : _listeners.Count > 0;
    }

    [LoggerMessage(1103, LogLevel.Information, "A listener to the runs of user {UserId} cannot be reached; its registration is removed.")]
    private partial void ListenerLost(Exception exception, string userId);
}
