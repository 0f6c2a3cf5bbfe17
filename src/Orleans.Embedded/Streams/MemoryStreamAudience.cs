namespace Orleans.Streams;

/// <summary>Those who listen to one stream. Once the last has left it takes nobody any more, and a new one takes its place.</summary>
internal sealed class MemoryStreamAudience<T> : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<MemoryStreamSubscription<T>> _subscriptions = [];
    private bool _closed;

    public bool TryAdd(MemoryStreamSubscription<T> subscription)
    {
        lock (_gate)
        {
            if (_closed) return false;
            _subscriptions.Add(subscription);
            return true;
        }
    }

    /// <summary>True when nobody is left.</summary>
    public bool Remove(MemoryStreamSubscription<T> subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
            return _closed = _subscriptions.Count == 0;
        }
    }

    public void Publish(T item)
    {
        // Under the lock, so that every listener gets the items in the same order.
        lock (_gate)
        {
            foreach (var subscription in _subscriptions) subscription.Take(item);
        }
    }

    public void Dispose()
    {
        MemoryStreamSubscription<T>[] all;
        lock (_gate)
        {
            all = [.. _subscriptions];
        }

        foreach (var subscription in all) subscription.End();
    }
}
