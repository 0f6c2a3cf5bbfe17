namespace Orleans.Streams;

/// <summary>A stream: an item put into it goes to everybody who listens.</summary>
/// <typeparam name="T">The items.</typeparam>
public interface IAsyncStream<T> : IAsyncObservable<T>, IAsyncObserver<T>;
