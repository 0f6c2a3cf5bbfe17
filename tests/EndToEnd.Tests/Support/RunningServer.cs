using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>The server in a process of its own, and a client of it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly GrainflowProcess _process;

    private RunningServer(GrainflowProcess process, int port)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Limit };
    }

    public HttpClient Http { get; }

    /// <summary>A port that was free a moment ago, whose successor was free as well.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            if (port >= 65000) continue;
            using var second = new TcpListener(IPAddress.Loopback, port + 1);
            try
            {
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: look for another pair.
            }
        }
    }

    /// <summary>Starts the server and waits until it is ready.</summary>
    public static async Task<RunningServer> StartAsync(Workplace place, int port)
    {
        var server = new RunningServer(GrainflowProcess.Start(place.Environment, "--port", $"{port}"), port);
        using var limit = new CancellationTokenSource(Limit);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            try
            {
                if ((await server.Http.GetAsync("/health", limit.Token)).IsSuccessStatusCode) return server;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        throw new TimeoutException("The server did not become ready.");
    }

    public async Task<JsonElement> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(path, content);
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonElement.Parse(body) : throw new HttpRequestException($"{(int)response.StatusCode} {body}");
    }

    public Task<JsonElement> GetAsync(string path) => Http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Waits until an execution has ended and answers its status.</summary>
    public async Task<string> EndOfAsync(string graphId, string runId)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var status = "";
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            status = (await GetAsync($"/api/graphs/{graphId}/executions/{runId}")).GetProperty("status").GetString()!;
            if (status is "COMPLETED" or "FAILED" or "TERMINATED") return status;
        }

        return status;
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }
}
