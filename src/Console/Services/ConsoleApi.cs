using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Local;
using Grainflow.Gateway.Requests;

namespace Grainflow.WebConsole.Services;

/// <summary>The REST interface for the user of one circuit. The console reads and changes nothing in another way.</summary>
/// <param name="client">Sends requests to the gateway of this process.</param>
/// <param name="clock">Measures pauses.</param>
public sealed class ConsoleApi(LocalClient client, TimeProvider clock)
{
    /// <summary>How often a reading that is answered 503 is repeated, a second after each answer: another process of the cluster has died, and its work moves within this time.</summary>
    private const int MostRepetitions = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // The bodies of newer versions, where they differ (decision 34): lists of agents without schemas, providers with what they take.
    private static readonly Dictionary<string, string> Shape = new(StringComparer.Ordinal) { [ApiRequest.ShapeHeader] = ApiRequest.NewerShape };

    /// <summary>The user; set by the root component before any page is made.</summary>
    public ConsoleSession Session { get; set; } = new();

    /// <summary>Reads something. While the gateway reaches no silo that has to answer, it is asked again.</summary>
    /// <typeparam name="T">A record of the contract, or <see cref="JsonElement"/>.</typeparam>
    /// <param name="target">Path and query.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ConsoleException">The request was refused or failed.</exception>
    public async Task<T> GetAsync<T>(string target, CancellationToken cancellationToken = default)
    {
        for (var left = MostRepetitions; ; left--)
        {
            try
            {
                return await SendAsync<T>(HttpMethod.Get, target, null, cancellationToken);
            }
            catch (ConsoleException problem) when (problem.Status == 503 && left > 0)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    /// <summary>Sends a request with a body.</summary>
    /// <typeparam name="T">A record of the contract, or <see cref="JsonElement"/>.</typeparam>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="body">What is sent as JSON, by the names of the contract; null for no body.</param>
    /// <param name="cancellationToken">Gives up waiting; the request may have been handled then.</param>
    /// <exception cref="ConsoleException">The request was refused or failed.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string target, object? body = null, CancellationToken cancellationToken = default)
    {
        var json = body is null ? (JsonElement?)null : JsonSerializer.SerializeToElement(body, GatewayJson.Options);
        var answer = await client.SendAsync(method, target, json, Session.Token, Shape, cancellationToken);
        if (answer.Status >= 300) throw ConsoleException.Of(answer);
        return answer.Body.IsEmpty ? default! : JsonSerializer.Deserialize<T>(answer.Body.Span, GatewayJson.Options)!;
    }

    /// <summary>Sends a request whose answer has nothing that is shown.</summary>
    /// <inheritdoc cref="SendAsync{T}"/>
    public Task SendAsync(HttpMethod method, string target, object? body = null, CancellationToken cancellationToken = default) => SendAsync<JsonElement?>(method, target, body, cancellationToken);

    /// <summary>The names of the user's agents by id, those that "list user graphs" has.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyDictionary<string, string>> GetAgentNamesAsync(CancellationToken cancellationToken) =>
        (await GetAsync<IReadOnlyList<GraphRowAnswer>>("/api/graphs", cancellationToken)).ToDictionary(graph => graph.Id, graph => graph.Name, StringComparer.Ordinal);

    /// <summary>Opens a connection to the live events of the user.</summary>
    /// <param name="received">Called with each message.</param>
    public LocalConnection Connect(Func<JsonElement, Task> received) => client.Connect(Session.Token, received);
}

/// <summary>A request was refused or failed.</summary>
public sealed class ConsoleException : Exception
{
    private ConsoleException(int status, string message, JsonElement body)
        : base(message)
    {
        Status = status;
        Body = body;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The body of the answer; undefined where it is no JSON.</summary>
    public JsonElement Body { get; }

    /// <summary>True when the user has to sign in.</summary>
    public bool IsUnauthorized => Status == 401;

    /// <summary>The problem of an answer, with the text of the contract's error.</summary>
    internal static ConsoleException Of(LocalAnswer answer)
    {
        var body = TryParse(answer.Body);
        return new ConsoleException(answer.Status, Text(body) ?? $"The server answered with status {answer.Status}.", body);
    }

    private static JsonElement TryParse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return body.IsEmpty ? default : JsonElement.Parse(body.Span);
        }
        catch (JsonException)
        {
            // An error page of a proxy or of the web server: its status says what is known.
            return default;
        }
    }

    // The forms of errors.tsv: a text, an object with a message, or a list of problems with their places.
    private static string? Text(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || body.Member("detail") is not { } detail) return body.ValueKind == JsonValueKind.Object ? body.Member("message")?.ToString() : null;
        return detail.ValueKind switch
        {
            JsonValueKind.String => detail.GetString(),
            JsonValueKind.Object => string.Join(" ", new[] { detail.Member("message")?.ToString(), detail.Member("hint")?.ToString() }.OfType<string>()),
            JsonValueKind.Array => string.Join(" ", detail.EnumerateArray().Select(Place)),
            _ => null,
        };
    }

    private static string Place(JsonElement problem) => problem.ValueKind != JsonValueKind.Object
        ? problem.ToString()
        : $"{string.Join('.', (problem.Member("loc") ?? JsonValues.EmptyArray).EnumerateArray().Skip(1))}: {problem.Member("msg")}.";
}
