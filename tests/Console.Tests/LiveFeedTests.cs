using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Grainflow.Gateway.Local;
using Grainflow.TestSupport;
using Grainflow.WebConsole.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.WebConsole.Tests;

/// <summary>The feed of a run, against a server whose connections a test plays.</summary>
public sealed class LiveFeedTests : IAsyncDisposable
{
    private const string Run = "8f9c1c1e-4b4f-4f3c-9a51-0d6a0a6f1a01";

    private readonly ManualClock _clock = new();
    private readonly Channel<ServedConnection> _connections = Channel.CreateUnbounded<ServedConnection>();
    private readonly Channel<long> _received = Channel.CreateUnbounded<long>();
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ServiceProvider _services = new ServiceCollection().AddSingleton<LocalClient>().BuildServiceProvider();
    private readonly LiveFeed _feed;

    public LiveFeedTests()
    {
        var app = new ApplicationBuilder(_services);
        app.UseGrainflowLocalClient();
        app.Run(ServeAsync);
        app.Build();
        _feed = new LiveFeed(new ConsoleApi(_services.GetRequiredService<LocalClient>(), _clock), Run, TakeAsync, _refused.SetResult, _clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _feed.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_feed_whose_connection_has_ended_connects_again_and_asks_for_what_it_lacks()
    {
        var first = await _connections.Reader.ReadAsync(Token);
        Assert.Equal(Subscription(0), await first.ReadAsync());
        await first.SendAsync(1);
        await first.SendAsync(2);
        await first.CloseAsync(1013);

        await _clock.WaitForTimerAsync(Token);
        Assert.False(_connections.Reader.TryPeek(out _));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var second = await _connections.Reader.ReadAsync(Token);
        Assert.Equal(Subscription(2), await second.ReadAsync());
        await second.SendAsync(3);
        foreach (var sequence in new[] { 1, 2, 3 }) Assert.Equal(sequence, await _received.Reader.ReadAsync(Token));
        Assert.False(_refused.Task.IsCompleted);
    }

    [Fact]
    public async Task A_feed_of_a_run_that_is_not_there_yet_asks_again()
    {
        var first = await _connections.Reader.ReadAsync(Token);
        await first.ReadAsync();
        await first.SendErrorAsync();
        Assert.Null(await first.ReadAsync());
        await _clock.WaitForTimerAsync(Token);
        _clock.Advance(TimeSpan.FromSeconds(1));

        var second = await _connections.Reader.ReadAsync(Token);
        Assert.Equal(Subscription(0), await second.ReadAsync());
        await second.SendAsync(1);
        Assert.Equal(1, await _received.Reader.ReadAsync(Token));
    }

    [Theory]
    [InlineData(4001)]
    [InlineData(4002)]
    [InlineData(4003)]
    public async Task A_feed_whose_user_is_not_accepted_ends(int status)
    {
        var connection = await _connections.Reader.ReadAsync(Token);
        await connection.CloseAsync(status);
        await _refused.Task.WaitAsync(Token);
        await _feed.DisposeAsync();
        Assert.Equal(0, _clock.ArmedTimers);
        Assert.False(_connections.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task A_feed_that_is_not_wanted_any_more_closes_its_connection()
    {
        var connection = await _connections.Reader.ReadAsync(Token);
        await connection.ReadAsync();
        var end = connection.ReadAsync();
        await _feed.DisposeAsync();
        Assert.Null(await end);
    }

    [Fact]
    public async Task A_feed_that_waits_for_another_connection_can_be_left()
    {
        var connection = await _connections.Reader.ReadAsync(Token);
        await connection.CloseAsync(1001);
        await _clock.WaitForTimerAsync(Token);
        await _feed.DisposeAsync();
        Assert.False(_connections.Reader.TryPeek(out _));
        Assert.False(_refused.Task.IsCompleted);
    }

    private static string Subscription(long from) => JsonSerializer.Serialize(new { method = "subscribe_graph_execution", data = new { graph_exec_id = Run, from_seq = from, partial = true } });

    private async Task ServeAsync(HttpContext context)
    {
        var connection = new ServedConnection(await context.WebSockets.AcceptWebSocketAsync());
        await _connections.Writer.WriteAsync(connection);
        await connection.ServeAsync();
    }

    private Task TakeAsync(JsonElement data)
    {
        _received.Writer.TryWrite(data.GetProperty("seq").GetInt64());
        return Task.CompletedTask;
    }

    /// <summary>The server's side of one connection. It is served until one side closes it.</summary>
    private sealed class ServedConnection(WebSocket socket)
    {
        private readonly Channel<string> _messages = Channel.CreateUnbounded<string>();

        public async Task ServeAsync()
        {
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer.AsMemory(), Token) is { MessageType: not WebSocketMessageType.Close } result)
                _messages.Writer.TryWrite(Encoding.UTF8.GetString(buffer, 0, result.Count));
            _messages.Writer.Complete();
        }

        /// <summary>The next message of the client; null when it has left.</summary>
        public async Task<string?> ReadAsync() => await _messages.Reader.WaitToReadAsync(Token) ? await _messages.Reader.ReadAsync(Token) : null;

        public async Task SendAsync(long sequence) => await socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(new { method = "node_execution_event", data = new { seq = sequence } }).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, Token);

        public async Task SendErrorAsync() => await socket.SendAsync("""{"method":"error","error":"not there"}"""u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: true, Token);

        public Task CloseAsync(int status) => socket.CloseAsync((WebSocketCloseStatus)status, null, Token);
    }
}
