namespace Orleans.Streams;

/// <summary>Something whose items can be listened to.</summary>
/// <typeparam name="T">The items.</typeparam>
public interface IAsyncObservable<T>
{
    /// <summary>Listens from now on. Inside of a grain, items come as requests to that activation.</summary>
    /// <param name="observer">Takes the items, one at a time and in order.</param>
    /// <exception cref="InvalidOperationException">The silo has no grain storage for subscriptions (<c>PubSubStore</c>).</exception>
    Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer);
}
