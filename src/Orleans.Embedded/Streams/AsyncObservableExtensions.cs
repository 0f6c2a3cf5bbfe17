namespace Orleans.Streams;

/// <summary>Listening with delegates.</summary>
public static class AsyncObservableExtensions
{
    /// <summary>Listens from now on. Inside of a grain, items come as requests to that activation.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="obs">What to listen to.</param>
    /// <param name="onNextAsync">Takes the items, one at a time and in order.</param>
    /// <exception cref="InvalidOperationException">The silo has no grain storage for subscriptions (<c>PubSubStore</c>).</exception>
    public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync)
    {
        ArgumentNullException.ThrowIfNull(obs);
        ArgumentNullException.ThrowIfNull(onNextAsync);
        return obs.SubscribeAsync(new DelegateObserver<T>(onNextAsync));
    }

    private sealed class DelegateObserver<T>(Func<T, StreamSequenceToken?, Task> onNextAsync) : IAsyncObserver<T>
    {
        public Task OnNextAsync(T item, StreamSequenceToken? token = null) => onNextAsync(item, token);

        public Task OnCompletedAsync() => Task.CompletedTask;

        public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
    }
}
