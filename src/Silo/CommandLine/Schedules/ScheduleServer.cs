using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary>The server that keeps the schedules: that of the data folder, or a gateway of the cluster.</summary>
internal sealed class ScheduleServer : IDisposable
{
    /// <summary>The option with the access token. It wins over <see cref="TokenVariable"/>.</summary>
    public const string TokenOption = "--token";

    /// <summary>The environment variable with the access token; other users of the machine cannot read it in the list of processes, as they can the option.</summary>
    private const string TokenVariable = "GRAINFLOW_TOKEN";

    private readonly HttpClient _client;

    /// <summary>Where the token was given, for messages; null when there is none.</summary>
    private readonly string? _tokenSource;

    private ScheduleServer(string url, string? token, string? tokenSource)
    {
        _tokenSource = tokenSource;
        // The server is on this machine; a proxy of the environment could not reach it.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };
        if (token is not null) _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The address.</summary>
    public string Url => _client.BaseAddress!.ToString().TrimEnd('/');

    /// <summary>Finds the server.</summary>
    /// <param name="options">The options of the subcommand, which takes <see cref="TokenOption"/>.</param>
    /// <param name="variable">Looks up environment variables.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted.</param>
    /// <exception cref="CliException">No server runs, or the token cannot be one.</exception>
    public static async Task<ScheduleServer> FindAsync(OptionReader options, Func<string, string?> variable, CancellationToken cancellationToken)
    {
        var (token, source) = Token(options, variable);
        if (variable("CLUSTER") is { Length: > 0 } cluster)
        {
            if (variable("DATABASE_URL") is not { Length: > 0 }) throw new CliException($"Set DATABASE_URL to the database of cluster '{cluster}', which has the addresses of its gateways.");
            var settings = Settings.Read(variable);
            return new ScheduleServer(await RemoteAgentCommand.FindGatewayAsync(settings, settings.Cluster!, cancellationToken), token, source);
        }

        var folder = variable("GRAINFLOW_DATA") is { Length: > 0 } given ? given : ".data";
        var server = ServerFile.Read(folder) ?? throw NotRunning($"No server runs on the data folder {folder}, and schedules are kept by one");
        return new ScheduleServer(server.Url, token, source);
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
            throw new CliException(answer.StatusCode == HttpStatusCode.Unauthorized ? Unauthorized(json) : RemoteAgentCommand.Reason(json));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw NotRunning($"The server at {Url}, which schedules are kept by, does not answer ({RemoteAgentCommand.ReasonOf(exception)})");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private string Unauthorized(JsonElement answer) => _tokenSource is null
        ? $"{Url} wants an access token (ENABLE_AUTH): set {TokenVariable}, or give {TokenOption} TOKEN."
        : $"{Url} has refused the access token of {_tokenSource}: {RemoteAgentCommand.Reason(answer).TrimEnd('.')}. Get a new one from whoever issues them.";

    /// <summary>The access token and where it was given.</summary>
    /// <exception cref="CliException">It has characters that no token has. The message does not show them.</exception>
    private static (string? Token, string? Source) Token(OptionReader options, Func<string, string?> variable)
    {
        var (given, source) = options.Find(TokenOption) is { } option ? (option, TokenOption) : (variable(TokenVariable) ?? "", TokenVariable);
        var token = given.Trim();
        if (token.Length == 0) return source == TokenVariable ? (null, null) : throw OptionReader.Wrong($"{TokenOption} is empty.");
        if (token.Any(character => character is <= ' ' or > '~')) throw OptionReader.Wrong($"{source} is not an access token: it must be one word of ASCII characters.");
        return (token, source);
    }

    private static CliException NotRunning(string problem) => new($"{problem}. Start it: ./run, with the same --data DIR.");
}
