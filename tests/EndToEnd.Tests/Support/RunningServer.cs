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
    private readonly Workplace _place;
    private readonly int _port;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private GrainflowProcess _process;

    private RunningServer(Workplace place, int port, IReadOnlyDictionary<string, string>? environment)
    {
        _place = place;
        _port = port;
        _environment = environment ?? new Dictionary<string, string>(StringComparer.Ordinal);
        _process = StartProcess();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Limit };
    }

    public HttpClient Http { get; }

    /// <summary>Starts the server and waits until it is ready.</summary>
    /// <param name="place">Its database, folder and environment.</param>
    /// <param name="port">Its port.</param>
    /// <param name="environment">What it has in its environment beside that of the place, or null.</param>
    public static async Task<RunningServer> StartAsync(Workplace place, int port, IReadOnlyDictionary<string, string>? environment = null)
    {
        var server = new RunningServer(place, port, environment);
        try
        {
            await server.ReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after its end, and waits until it is ready.</summary>
    public async Task RestartAsync()
    {
        await _process.DisposeAsync();
        _process = StartProcess();
        await ReadyAsync();
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
            using var answer = await Http.GetAsync($"/api/graphs/{graphId}/executions/{runId}", limit.Token);
            // A process of the cluster has died, and its grains have not moved yet.
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) continue;
            status = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(limit.Token)).GetProperty("status").GetString()!;
            if (status is "COMPLETED" or "FAILED" or "TERMINATED") return status;
        }

        return status;
    }

    /// <summary>Whether its process has ended.</summary>
    public bool HasEnded => _process.HasEnded;

    /// <summary>Waits until it answers, or its process has ended.</summary>
    public Task SettledAsync() => Task.WhenAny(AnswersAsync("/health/ready"), _process.EndAsync());

    /// <summary>Sends a signal, for example <c>TERM</c>.</summary>
    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>Waits until a line of its standard error has a text.</summary>
    public Task SaysAsync(string text) => _process.SaysAsync(text);

    /// <summary>Waits until the process has ended.</summary>
    public Task<ProcessResult> EndAsync() => _process.EndAsync();

    /// <summary>Ends it at once, as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }

    /// <summary>Waits until a path is answered with success.</summary>
    public async Task AnswersAsync(string path)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            try
            {
                if ((await Http.GetAsync(path, limit.Token)).IsSuccessStatusCode) return;
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException)
            {
                // Not listening yet, or only to find out whether the port is free.
            }
        }
    }

    private GrainflowProcess StartProcess() => GrainflowProcess.StartScript(
        new Dictionary<string, string>(_place.Environment.Concat(_environment), StringComparer.Ordinal), "--data", _place.Folder, "--port", $"{_port}");

    private Task ReadyAsync() => AnswersAsync("/health");
}
