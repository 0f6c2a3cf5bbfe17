namespace Orleans.Streams;

/// <summary>Takes the items of a stream.</summary>
/// <typeparam name="T">The items.</typeparam>
public interface IAsyncObserver<in T>
{
    /// <summary>Takes the next item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="token">Its place in the stream; null where the provider has none.</param>
    Task OnNextAsync(T item, StreamSequenceToken? token = null);

    /// <summary>The stream has ended. Memory streams never end.</summary>
    Task OnCompletedAsync();

    /// <summary>The stream has failed. Memory streams never say so.</summary>
    /// <param name="ex">Why.</param>
    Task OnErrorAsync(Exception ex);
}
