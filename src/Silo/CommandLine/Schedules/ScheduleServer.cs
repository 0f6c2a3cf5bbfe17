using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary>The server that keeps the schedules: that of the data folder, or a gateway of the cluster.</summary>
internal sealed class ScheduleServer : IDisposable
{
    private readonly HttpClient _client;

    private ScheduleServer(string url) =>
        // The server is on this machine; a proxy of the environment could not reach it.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };

    /// <summary>The address.</summary>
    public string Url => _client.BaseAddress!.ToString().TrimEnd('/');

    /// <summary>Finds the server.</summary>
    /// <param name="variable">Looks up environment variables.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted.</param>
    /// <exception cref="CliException">None runs.</exception>
    public static async Task<ScheduleServer> FindAsync(Func<string, string?> variable, CancellationToken cancellationToken)
    {
        if (variable("CLUSTER") is { Length: > 0 } cluster)
        {
            if (variable("DATABASE_URL") is not { Length: > 0 }) throw new CliException($"Set DATABASE_URL to the database of cluster '{cluster}', which has the addresses of its gateways.");
            var settings = Settings.Read(variable);
            return new ScheduleServer(await RemoteAgentCommand.FindGatewayAsync(settings, settings.Cluster!, cancellationToken));
        }

        var folder = variable("GRAINFLOW_DATA") is { Length: > 0 } given ? given : ".data";
        var server = ServerFile.Read(folder) ?? throw NotRunning($"No server runs on the data folder {folder}, and schedules are kept by one");
        return new ScheduleServer(server.Url);
    }

    /// <summary>Asks the server.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path of the API.</param>
    /// <param name="body">The body, or null.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted.</param>
    /// <exception cref="CliException">It does not answer, or has refused the request.</exception>
    public async Task<JsonElement> AskAsync(HttpMethod method, string path, JsonElement? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is { } given)
            {
                request.Content = new ByteArrayContent(JsonValues.CompactUtf8(given));
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            using var answer = await _client.SendAsync(request, cancellationToken);
            var json = JsonValues.ParseUtf8(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            if (answer.IsSuccessStatusCode) return json;
            throw new CliException(answer.StatusCode == HttpStatusCode.Unauthorized
                ? $"{Url} wants a token (ENABLE_AUTH): use its API, for example {Url}/api/schedules."
                : RemoteAgentCommand.Reason(json));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw NotRunning($"The server at {Url}, which schedules are kept by, does not answer ({RemoteAgentCommand.ReasonOf(exception)})");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static CliException NotRunning(string problem) => new($"{problem}. Start it: ./run, with the same --data DIR.");
}
