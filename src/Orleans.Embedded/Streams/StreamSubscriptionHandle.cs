namespace Orleans.Streams;

/// <summary>One subscription to a stream.</summary>
/// <typeparam name="T">The items.</typeparam>
[GenerateSerializer]
public abstract class StreamSubscriptionHandle<T>
{
    /// <summary>Ends the subscription. An item that is being taken is taken to its end.</summary>
    public abstract Task UnsubscribeAsync();
}
