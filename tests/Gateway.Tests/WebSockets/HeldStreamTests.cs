using System.Text;
using Grainflow.Gateway.WebSockets;

namespace Grainflow.Gateway.Tests.WebSockets;

public sealed class HeldStreamTests : IAsyncDisposable
{
    private readonly Writes _writes = new();
    private readonly HeldStream _stream;

    public HeldStreamTests() => _stream = new HeldStream(_writes);

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    [Fact]
    public async Task What_is_written_leaves_at_once()
    {
        await WriteAsync("one");
        await WriteAsync("two");
        Assert.Equal(["one", "two"], _writes.Pieces);
    }

    [Fact]
    public async Task What_is_held_leaves_in_one_piece_and_in_order()
    {
        _stream.Hold();
        for (var i = 0; i < 2000; i++) await WriteAsync($"{i},");
        Assert.Empty(_writes.Pieces);

        await _stream.ReleaseAsync();
        Assert.Equal(string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i},")), Assert.Single(_writes.Pieces));
    }

    [Fact]
    public async Task Nothing_held_is_nothing_sent()
    {
        _stream.Hold();
        await _stream.ReleaseAsync();
        Assert.Empty(_writes.Pieces);
    }

    [Fact]
    public async Task What_others_write_while_a_piece_is_on_its_way_follows_it()
    {
        _writes.Block();
        _stream.Hold();
        await WriteAsync("held");
        var sending = _stream.ReleaseAsync();
        var pong = WriteAsync("pong");
        Assert.False(sending.IsCompleted || pong.IsCompleted);

        _writes.Unblock();
        await Task.WhenAll(sending, pong);
        Assert.Equal(["held", "pong"], _writes.Pieces);
    }

    [Fact]
    public async Task Many_writers_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            if (i % 5 == 0) _stream.Hold();
            await WriteAsync($"<{i}>");
            await _stream.ReleaseAsync();
        })));
        var sent = string.Concat(_writes.Pieces);
        Assert.All(Enumerable.Range(0, 50), i => Assert.Contains($"<{i}>", sent, StringComparison.Ordinal));
        Assert.False(_writes.Overlapped);
    }

    private Task WriteAsync(string text) => _stream.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken).AsTask();

    /// <summary>Records what is written, and whether two ever wrote at once.</summary>
    private sealed class Writes : Stream
    {
        private readonly List<string> _pieces = [];
        private TaskCompletionSource? _blocked;
        private int _writers;

        public IReadOnlyList<string> Pieces => _pieces;

        public bool Overlapped { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Block() => _blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Unblock()
        {
            var blocked = _blocked!;
            _blocked = null;
            blocked.SetResult();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _writers) > 1) Overlapped = true;
            if (_blocked is { } blocked) await blocked.Task;
            _pieces.Add(Encoding.UTF8.GetString(buffer.Span));
            Interlocked.Decrement(ref _writers);
        }

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
