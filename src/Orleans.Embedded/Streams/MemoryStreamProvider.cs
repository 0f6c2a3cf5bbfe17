using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Orleans.Streams;

/// <summary>The streams of one name. Items are delivered at most once, in order, each subscription at its own pace; nothing outlives the silo.</summary>
internal sealed partial class MemoryStreamProvider(string name, Silo silo, ILogger<MemoryStreamProvider> logger) : IStreamProvider, IDisposable
{
    private const string PubSubStore = "PubSubStore";

    private readonly ConcurrentDictionary<(StreamId Id, Type Item), object> _streams = new();
    private volatile bool _disposed;

    public string Name { get; } = name;

    public static IStreamProvider Find(IServiceProvider services, string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentNullException(nameof(name));
        return services.GetKeyedService<IStreamProvider>(name) ?? throw new KeyNotFoundException($"Stream provider '{name}' not found");
    }

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new MemoryStream<T>(this, streamId);

    public void Dispose()
    {
        _disposed = true;
        foreach (var audience in _streams.Values.Cast<IDisposable>()) audience.Dispose();
    }

    /// <summary>Hands an item to those who listen now.</summary>
    public void Publish<T>(StreamId id, T item)
    {
        EnsureRunning();
        if (_streams.TryGetValue((id, typeof(T)), out var audience)) ((MemoryStreamAudience<T>)audience).Publish(item);
    }

    public StreamSubscriptionHandle<T> Subscribe<T>(StreamId id, IAsyncObserver<T> observer)
    {
        EnsureRunning();
        // Orleans keeps subscriptions in the storage of the provider's name, else in this one. Those of memory streams are worth
        // nothing after the silo, so nothing is written here; but what lacks the storage must not work only here.
        if (silo.Services.GetKeyedService<IGrainStorage>(Name) is null) silo.Services.GetRequiredKeyedService<IGrainStorage>(PubSubStore);

        var subscription = new MemoryStreamSubscription<T>(this, id, observer, Activation.Running);
        while (true)
        {
            var audience = (MemoryStreamAudience<T>)_streams.GetOrAdd((id, typeof(T)), static _ => new MemoryStreamAudience<T>());
            if (audience.TryAdd(subscription)) break;
        }

        if (_disposed) subscription.End();
        return subscription;
    }

    /// <summary>Forgets a subscription, and with the last one the stream.</summary>
    public void Remove<T>(StreamId id, MemoryStreamSubscription<T> subscription)
    {
        if (!_streams.TryGetValue((id, typeof(T)), out var audience)) return;
        if (((MemoryStreamAudience<T>)audience).Remove(subscription)) _streams.TryRemove(KeyValuePair.Create((id, typeof(T)), audience));
    }

    [LoggerMessage(1, LogLevel.Warning, "A listener of stream {StreamId} failed; it loses one item.")]
    public partial void ListenerFailed(Exception exception, StreamId streamId);

    private void EnsureRunning()
    {
        if (!silo.IsRunning) throw new SiloUnavailableException("The local Orleans host is not running and cannot process stream items.");
    }
}
