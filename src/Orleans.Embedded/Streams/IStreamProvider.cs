namespace Orleans.Streams;

/// <summary>Gives streams by their identity.</summary>
public interface IStreamProvider
{
    /// <summary>The name under which it was added.</summary>
    string Name { get; }

    /// <summary>A stream. It needs no creation and costs nothing.</summary>
    /// <typeparam name="T">The items; the same for everybody who uses the stream.</typeparam>
    /// <param name="streamId">Which.</param>
    IAsyncStream<T> GetStream<T>(StreamId streamId);
}
