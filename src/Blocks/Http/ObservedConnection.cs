namespace Grainflow.Blocks.Http;

/// <summary>What happened to one request message on the connection that it was written to.</summary>
internal sealed class Transmission
{
    /// <summary>Its place in the order in which requests begin and connections are opened.</summary>
    public required long Order { get; init; }

    /// <summary>True when bytes of the request were given to a connection, so that the server may have received it.</summary>
    public bool IsSent { get; set; }

    /// <summary>
    /// True when the connection had carried another request, or was waiting for one when this began. The server may have closed it without
    /// regard to this request.
    /// </summary>
    public bool IsReused { get; set; }

    /// <summary>True when at least one byte of an answer came.</summary>
    public bool IsAnswered { get; set; }
}

/// <summary>
/// The HTTP bytes of one connection, inside TLS. Records for each request whether the connection was a kept one and whether an answer
/// began. SocketsHttpHandler reports neither: its "response ended" error is the same for a closed connection and for an answer
/// that broke off.
/// <para>
/// A connection that ends before any byte of an answer fails with an <see cref="IOException"/> here instead of an end of the stream,
/// because SocketsHttpHandler sends a request without a body (and one with <c>Expect: 100-continue</c>) up to three times more when it
/// reads an end of the stream there, whatever its method and on whatever connection. On an exception it sends nothing again.
/// </para>
/// </summary>
/// <param name="inner">The connection, after TLS.</param>
/// <param name="order">The connection's place in the order of <see cref="Transmission.Order"/>.</param>
/// <param name="current">
/// The transmission of the asynchronous flow that writes. SocketsHttpHandler writes a request in the flow of its caller, and offers no
/// other way to learn which of its connections took a request.
/// </param>
internal sealed class ObservedConnection(Stream inner, long order, AsyncLocal<Transmission?> current) : Stream
{
    private readonly Lock _lock = new();
    private Transmission? _latest;
    private bool _hasEnded;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        // A read into nothing waits for data and says nothing about the end.
        if (!buffer.IsEmpty) RecordRead(count);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RecordWrite();
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Requests are sent asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Requests are sent asynchronously.");

    public override void Flush() => throw new NotSupportedException("Requests are sent asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private void RecordRead(int count)
    {
        lock (_lock)
        {
            if (count > 0)
            {
                _latest?.IsAnswered = true;
                return;
            }

            _hasEnded = true;
            if (_latest is { IsAnswered: false }) throw new IOException("The connection was closed before an answer came");
        }
    }

    private void RecordWrite()
    {
        lock (_lock)
        {
            if (current.Value is not { } writing || writing == _latest) return;
            writing.IsReused = _latest is not null || order < writing.Order;
            // The handler reads ahead on a kept connection, so the end can come between its check of the connection and this write.
            if (_hasEnded) throw new IOException("The connection was closed before the request was sent");
            writing.IsSent = true;
            _latest = writing;
        }
    }
}
