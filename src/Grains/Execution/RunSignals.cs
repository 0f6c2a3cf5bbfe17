using System.Collections.Concurrent;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Tells listeners in this process that a run's log has grown. A hint and nothing more: the log is the truth, and
/// listeners read it from where they are (DESIGN section 8).
/// </summary>
public sealed class RunSignals
{
    private readonly ConcurrentDictionary<Subscription, Action<Guid, long>> _listeners = new();

    /// <summary>Calls back after every commit of every run, from any thread. The callback must return at once.</summary>
    /// <param name="onCommit">Gets the run and its last sequence number.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    public IDisposable Subscribe(Action<Guid, long> onCommit)
    {
        var subscription = new Subscription(this);
        _listeners[subscription] = onCommit;
        return subscription;
    }

    /// <summary>Whether anybody listens.</summary>
    internal bool HasListeners => !_listeners.IsEmpty;

    internal void Committed(Guid runId, long sequence)
    {
        foreach (var listener in _listeners.Values) listener(runId, sequence);
    }

    private sealed class Subscription(RunSignals signals) : IDisposable
    {
        public void Dispose() => signals._listeners.TryRemove(this, out _);
    }
}
