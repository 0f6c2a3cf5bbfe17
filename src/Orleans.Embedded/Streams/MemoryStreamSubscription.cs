using System.Threading.Channels;

namespace Orleans.Streams;

/// <summary>One listener: its items wait here, and are handed to it one after the other.</summary>
internal sealed class MemoryStreamSubscription<T> : StreamSubscriptionHandle<T>
{
    /// <summary>A listener that is further behind loses the oldest items: delivery is at most once, and memory has an end.</summary>
    private const int Capacity = 4096;

    private readonly Channel<T> _items = Channel.CreateBounded<T>(new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
    private readonly MemoryStreamProvider _provider;
    private readonly StreamId _id;
    private readonly IAsyncObserver<T> _observer;
    private readonly Activation? _grain;

    public MemoryStreamSubscription(MemoryStreamProvider provider, StreamId id, IAsyncObserver<T> observer, Activation? grain)
    {
        _provider = provider;
        _id = id;
        _observer = observer;
        _grain = grain;

        // Neither the scheduler nor the async locals of whoever subscribes reach the delivery.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(DeliverAsync);
    }

    public void Take(T item) => _items.Writer.TryWrite(item);

    /// <summary>Ends the subscription: what still waits is dropped.</summary>
    public void End()
    {
        _items.Writer.TryComplete();
        while (_items.Reader.TryRead(out _))
        {
            // Dropped.
        }
    }

    public override Task UnsubscribeAsync()
    {
        _provider.Remove(_id, this);
        End();
        return Task.CompletedTask;
    }

    private async Task DeliverAsync()
    {
        await foreach (var item in _items.Reader.ReadAllAsync())
        {
            try
            {
                if (_grain is null) await _observer.OnNextAsync(item);
                else if (!await DeliverToGrainAsync(_grain, item)) break;
            }
            catch (Exception exception)
            {
                // The failure of one listener is its own.
                _provider.ListenerFailed(exception, _id);
            }
        }

        await UnsubscribeAsync();
    }

    /// <summary>False when the activation has ended, and its subscription with it.</summary>
    private async Task<bool> DeliverToGrainAsync(Activation grain, T item)
    {
        var delivery = new Delivery(_observer, item);
        if (!grain.TryEnqueue(delivery)) return false;
        await Task.WhenAny(delivery.Taken, grain.Deactivated);
        if (!delivery.Taken.IsCompleted) return false;
        await delivery.Taken;
        return true;
    }

    /// <summary>An item as a request to the activation that subscribed.</summary>
    private sealed class Delivery : Request
    {
        private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IAsyncObserver<T> _observer;
        private readonly T _item;

        public Delivery(IAsyncObserver<T> observer, T item)
        {
            _observer = observer;
            _item = item;
            LocalOnly = true;
        }

        public Task Taken => _taken.Task;

        public override bool Abandoned => false;

        public override async Task InvokeAsync(Activation activation)
        {
            try
            {
                await _observer.OnNextAsync(_item);
                _taken.TrySetResult();
            }
            catch (Exception exception)
            {
                // It is reported by the subscription.
                activation.OnEscaped(exception);
                _taken.TrySetException(exception);
            }
        }

        public override void Fail(Exception exception) => _taken.TrySetException(exception);
    }
}
