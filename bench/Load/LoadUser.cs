using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Grainflow.Load;

/// <summary>One user: a client of REST, and a socket that hears when executions end.</summary>
internal sealed class LoadUser : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _server;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _ends = new(StringComparer.Ordinal);
    private readonly ClientWebSocket _socket = new();
    private Task _listening = Task.CompletedTask;
    private string _graphId = "";

    public LoadUser(Uri server, string userId, string key)
    {
        _server = server;
        Token = Load.Token.For(userId, key);
        _http = new HttpClient { BaseAddress = server };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary>What its sockets say who they are with.</summary>
    public string Token { get; }

    /// <summary>Stores the agent and begins to listen to its executions.</summary>
    public async Task PrepareAsync(string agentJson)
    {
        _graphId = (await PostAsync("/api/graphs", $$"""{"graph": {{agentJson}}}""")).GetProperty("id").GetString()!;
        await _socket.ConnectAsync(SocketAddress(), CancellationToken.None);
        await SendAsync(_socket, $$$"""{"method": "subscribe_graph_executions", "data": {"graph_id": "{{{_graphId}}}"} }""");
        _listening = ListenAsync();
    }

    /// <summary>Runs the agent once, to its end.</summary>
    public async Task ExecuteAsync(string inputsJson)
    {
        var id = await StartAsync(inputsJson);
        await End(id).Task.WaitAsync(TimeSpan.FromMinutes(2));
        _ends.TryRemove(id, out _);
    }

    /// <summary>Starts the agent and answers the execution's id.</summary>
    public async Task<string> StartAsync(string inputsJson) =>
        (await PostAsync($"/api/graphs/{_graphId}/execute/1", $$"""{"inputs": {{inputsJson}}}""")).GetProperty("id").GetString()!;

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _listening.ContinueWith(_ => { }, TaskScheduler.Default);
        _socket.Dispose();
        _http.Dispose();
    }

    private Uri SocketAddress() => new($"ws://{_server.Authority}/ws?token={Token}");

    private async Task<JsonElement> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(path, content);
        var body = await response.Content.ReadAsByteArrayAsync();
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"{path}: {(int)response.StatusCode} {Encoding.UTF8.GetString(body)}");
        return JsonElement.Parse(body);
    }

    private static Task SendAsync(ClientWebSocket socket, string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private TaskCompletionSource End(string id) => _ends.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private static bool IsEnd(ReadOnlySpan<byte> message) =>
        message.IndexOf("\"status\":\"COMPLETED\""u8) >= 0 || message.IndexOf("\"status\":\"FAILED\""u8) >= 0 || message.IndexOf("\"status\":\"TERMINATED\""u8) >= 0;

    private async Task ListenAsync()
    {
        var buffer = new byte[1024 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            // Most messages are of executions under way, and reading them would take more time than sending them.
            if (!IsEnd(buffer.AsSpan(0, length))) continue;
            End(JsonElement.Parse(buffer.AsSpan(0, length)).GetProperty("data").GetProperty("id").GetString()!).TrySetResult();
        }
    }
}
