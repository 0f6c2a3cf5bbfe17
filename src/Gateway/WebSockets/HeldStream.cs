using System.Buffers;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// A connection whose writes can be collected, so that many small messages are sent with one system call, which costs more than a message. What the WebSocket
/// writes itself meanwhile (an answer to a ping) is sent with them, in the order of the writes.
/// </summary>
internal sealed class HeldStream(Stream inner) : Stream
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private byte[] _waiting = [];
    private int _length;
    private volatile bool _held;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Collects what is written from now on.</summary>
    public void Hold() => _held = true;

    /// <summary>Sends what was collected, and ends the collecting.</summary>
    public async Task ReleaseAsync()
    {
        _held = false;
        await SendAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate) Append(buffer.Span);
        // Bytes appended while writes are held are sent by ReleaseAsync: it clears the flag first, and sends after that.
        if (!_held) await SendAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException("The stream is read and written asynchronously only.");

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read and written asynchronously only.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read and written asynchronously only.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        byte[] sent = [];
        try
        {
            int length;
            lock (_gate)
            {
                (sent, length) = (_waiting, _length);
                (_waiting, _length) = ([], 0);
            }

            if (length > 0) await inner.WriteAsync(sent.AsMemory(0, length), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }

        // Not after a failure, because the transport may still read from the buffer.
        if (sent.Length > 0) ArrayPool<byte>.Shared.Return(sent);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _waiting.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(4096, Math.Max(2 * _waiting.Length, _length + bytes.Length)));
            _waiting.AsSpan(0, _length).CopyTo(larger);
            if (_waiting.Length > 0) ArrayPool<byte>.Shared.Return(_waiting);
            _waiting = larger;
        }

        bytes.CopyTo(_waiting.AsSpan(_length));
        _length += bytes.Length;
    }
}
