using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>
/// A client that watches runs over one socket and keeps every event in the order in which it came. Whenever the connection breaks
/// it comes back and asks for what follows the last event that it has of each run.
/// </summary>
internal sealed class LiveWatcher : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly Uri _address;
    private readonly Dictionary<string, List<JsonElement>> _events;
    private readonly Lock _gate = new();
    private readonly List<(Func<bool> IsReached, TaskCompletionSource Reached)> _waiting = [];
    private readonly List<string> _surprises = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watching;
    private int _seen;
    private int _connections;

    private LiveWatcher(int port, IEnumerable<string> runs)
    {
        _address = new Uri($"ws://127.0.0.1:{port}/ws");
        _events = runs.ToDictionary(run => run, _ => new List<JsonElement>(), StringComparer.Ordinal);
        _watching = WatchAsync();
    }

    /// <summary>How often it was connected.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many events it has.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>Messages that nobody asked for, and connections that the server closed in order.</summary>
    public IReadOnlyList<string> Surprises
    {
        get
        {
            lock (_gate) return [.. _surprises];
        }
    }

    public static LiveWatcher Start(int port, IEnumerable<string> runs) => new(port, runs);

    /// <summary>The events of a run, in the order in which they came.</summary>
    public IReadOnlyList<JsonElement> EventsOf(string run)
    {
        lock (_gate) return [.. _events[run]];
    }

    /// <summary>Ends when it has so many events.</summary>
    public Task SeesAsync(int events) => UntilAsync(() => _seen >= events);

    /// <summary>Ends when the last event of every run has come.</summary>
    public Task SeesTheEndAsync() => UntilAsync(() => _events.Values.All(HasEnded));

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
    }

    private static bool HasEnded(List<JsonElement> events) =>
        events.Count > 0 && RunEvents.IsOfRun(events[^1]) && RunEvents.Status(events[^1]) is "COMPLETED" or "FAILED" or "TERMINATED";

    private async Task UntilAsync(Func<bool> isReached)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (isReached()) return;
            _waiting.Add((isReached, reached));
        }

        try
        {
            await (await Task.WhenAny(reached.Task, _watching).WaitAsync(Limit));
        }
        catch (TimeoutException exception)
        {
            lock (_gate)
            {
                var open = _events.Where(run => !HasEnded(run.Value)).Select(run => $"{run.Key} after event {LastOf(run.Value)}");
                throw new TimeoutException($"{_seen} events came over {Connections} connections; not ended: {string.Join(", ", open)}.", exception);
            }
        }
    }

    private async Task WatchAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await tick.WaitForNextTickAsync(_ended.Token))
            {
                try
                {
                    await WatchOnceAsync();
                }
                catch (Exception exception) when (exception is WebSocketException or IOException)
                {
                    // The server is not there, or not any more.
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Nobody wants to see more.
        }
    }

    private async Task WatchOnceAsync()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(_address, _ended.Token);
        Interlocked.Increment(ref _connections);
        foreach (var (run, events) in _events)
        {
            var subscribe = new { method = "subscribe_graph_execution", data = new { graph_exec_id = run, from_seq = LastOf(events) } };
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(subscribe), WebSocketMessageType.Text, endOfMessage: true, _ended.Token);
        }

        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, _ended.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                lock (_gate) _surprises.Add($"Closed: {received.CloseStatus} {received.CloseStatusDescription}");
                return;
            }

            message.Write(buffer.AsSpan(0, received.Count));
            if (!received.EndOfMessage) continue;
            lock (_gate)
            {
                Take(message.ToArray());
                foreach (var (_, reached) in _waiting.Where(waiting => waiting.IsReached())) reached.TrySetResult();
                _waiting.RemoveAll(waiting => waiting.Reached.Task.IsCompleted);
            }

            message.SetLength(0);
        }
    }

    private void Take(byte[] utf8)
    {
        var message = JsonElement.Parse(utf8);
        var data = message.GetProperty("data");
        switch (message.GetProperty("method").GetString())
        {
            case "graph_execution_event":
                Keep(data.GetProperty("id").GetString()!, data);
                break;
            case "node_execution_event":
                Keep(data.GetProperty("graph_exec_id").GetString()!, data);
                break;
            case "subscribe_graph_execution" when message.GetProperty("success").ValueKind == JsonValueKind.True:
                break;
            case "notification" when data.GetProperty("type").ValueEquals("onboarding"):
                // Runs are counted a second after they start, and their user's sockets are told.
                break;
            default:
                _surprises.Add(Encoding.UTF8.GetString(utf8));
                break;
        }
    }

    private void Keep(string run, JsonElement data)
    {
        _events[run].Add(data);
        _seen++;
    }

    private static long LastOf(List<JsonElement> events) => events.Count == 0 ? 0 : RunEvents.Sequence(events[^1]);
}
