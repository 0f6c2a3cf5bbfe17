namespace Orleans.Streams;

/// <summary>A reference to a stream.</summary>
internal sealed class MemoryStream<T>(MemoryStreamProvider provider, StreamId id) : IAsyncStream<T>
{
    public Task OnNextAsync(T item, StreamSequenceToken? token = null)
    {
        provider.Publish(id, item);
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => throw new NotSupportedException("Memory streams do not end.");

    public Task OnErrorAsync(Exception ex) => throw new NotSupportedException("Memory streams do not fail.");

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return Task.FromResult(provider.Subscribe(id, observer));
    }
}
