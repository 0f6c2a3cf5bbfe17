using System.Net;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Grainflow.Blocks.Mcp;

/// <summary>
/// One exchange with an MCP server over Streamable HTTP: it connects, asks one thing and leaves. Everything goes through the guarded client, so that private addresses, sizes and times are
/// bounded as for any other request of a block, and a call of a tool is sent once.
/// </summary>
public static class McpExchange
{
    private const int MaxTools = 1000;

    // A tool may work for longer than a request of a block usually takes.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>The tools of a server.</summary>
    /// <param name="http">Sends the requests.</param>
    /// <param name="server">The address of the server.</param>
    /// <param name="token">The bearer token, or null.</param>
    /// <param name="clock">Measures the time limits of the handshake.</param>
    /// <param name="cancellationToken">Cancels the exchange.</param>
    /// <exception cref="BlockException">The server cannot be reached, refuses, or does not speak MCP. The text has no secret.</exception>
    public static Task<McpTools> ListToolsAsync(IOutgoingHttp http, Uri server, string? token, TimeProvider clock, CancellationToken cancellationToken) => WithAsync(
        http, server, token, clock,
        async client =>
        {
            var tools = (await client.ListToolsAsync(cancellationToken: cancellationToken)).Take(MaxTools).Select(tool => tool.ProtocolTool);
            return new McpTools(
                client.ServerInfo?.Name,
                client.NegotiatedProtocolVersion,
                [.. tools.Select(tool => new McpTool(tool.Name, tool.Description ?? "", tool.InputSchema))]);
        },
        cancellationToken);

    /// <summary>Calls a tool and waits for its end.</summary>
    /// <param name="http">Sends the requests.</param>
    /// <param name="server">The address of the server.</param>
    /// <param name="token">The bearer token, or null.</param>
    /// <param name="tool">The name of the tool.</param>
    /// <param name="arguments">The arguments by name.</param>
    /// <param name="clock">Measures the time limits of the handshake.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The structured content of the result; else its content: JSON where a text is JSON, a list where there are several parts, null for none.</returns>
    /// <exception cref="BlockException">The tool reports an error, or the server cannot be reached. The text has no secret.</exception>
    internal static Task<JsonElement> CallAsync(
        IOutgoingHttp http, Uri server, string? token, string tool, IReadOnlyDictionary<string, JsonElement> arguments, TimeProvider clock, CancellationToken cancellationToken) => WithAsync(
        http, server, token, clock,
        async client =>
        {
            var result = await client.CallToolAsync(new CallToolRequestParams { Name = tool, Arguments = arguments.ToDictionary(StringComparer.Ordinal) }, cancellationToken);
            if (result.IsError == true) throw new BlockException($"The tool '{tool}' failed: {Texts(result)}");
            if (result.StructuredContent is { ValueKind: not JsonValueKind.Undefined } structured) return JsonValues.Clean(structured);
            List<JsonElement> parts = [.. result.Content.Select(Value)];
            return JsonValues.Clean(parts switch { [] => JsonValues.Null, [var only] => only, _ => JsonValues.Array(parts) });
        },
        cancellationToken);

    private static async Task<T> WithAsync<T>(IOutgoingHttp http, Uri server, string? token, TimeProvider clock, Func<McpClient, Task<T>> use, CancellationToken cancellationToken)
    {
        using var guarded = new GuardedHandler(http, token);
        // The guarded client has a time limit of its own.
        using var client = new HttpClient(guarded) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            await using var transport = new HttpClientTransport(
                new HttpClientTransportOptions { Endpoint = server, TransportMode = HttpTransportMode.StreamableHttp, EnableStandaloneGetStream = false, MaxReconnectionAttempts = 0 }, client);
            await using var session = await McpClient.CreateAsync(
                transport, new McpClientOptions { ClientInfo = new Implementation { Name = "grainflow", Version = "1" }, TimeProvider = clock }, cancellationToken: cancellationToken);
            return await use(session);
        }
        catch (BlockException exception)
        {
            // What a tool says of its failure may repeat the token.
            throw new BlockException(Redacted(exception.Message, token), exception);
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var message = Redacted($"The MCP server at {server.Host} {Reason(guarded, exception)}", token);
            throw guarded.IsRefused ? new McpRefusedException(message, exception) : new BlockException(message, exception);
        }
    }

    private static string Reason(GuardedHandler guarded, Exception exception) => guarded switch
    {
        { Refusal: { } refusal } => $"could not be asked: {refusal.Message}",
        { IsRefused: true } => $"refused the credentials ({(int)guarded.Status!.Value}); give it others, or sign in again",
        { Status: { } status } when (int)status >= 400 => $"answered with status {(int)status}",
        _ => $"did not answer as one: {exception.Message}",
    };

    private static JsonElement Value(ContentBlock part) => part switch
    {
        TextContentBlock text => JsonValues.TryParse(text.Text, out var json) ? json : JsonValues.From(text.Text),
        ImageContentBlock image => Of(("type", "image"), ("data", image.ToData()), ("mime_type", image.MimeType)),
        AudioContentBlock audio => Of(("type", "audio"), ("data", audio.ToData()), ("mime_type", audio.MimeType)),
        EmbeddedResourceBlock { Resource: TextResourceContents resource } => Of(("type", "resource"), ("uri", resource.Uri), ("text", resource.Text)),
        EmbeddedResourceBlock { Resource: var resource } => Of(("type", "resource"), ("uri", resource.Uri)),
        _ => Of(("type", part.Type)),
    };

    private static JsonElement Of(params IEnumerable<(string Name, string? Value)> members) => JsonValues.Object(members.Select(member => KeyValuePair.Create(member.Name, JsonValues.From(member.Value))));

    private static string Texts(CallToolResult result) =>
        string.Join(' ', result.Content.OfType<TextContentBlock>().Select(text => text.Text)) is { Length: > 0 } text ? text : "it gave no reason";

    private static string Redacted(string message, string? token) => token is { Length: > 0 } ? message.Replace(token, "***", StringComparison.Ordinal) : message;

    private static string ToData(this ImageContentBlock image) => Convert.ToBase64String(image.DecodedData.Span);

    private static string ToData(this AudioContentBlock audio) => Convert.ToBase64String(audio.DecodedData.Span);

    /// <summary>Sends the requests of the MCP library through the guarded client, and remembers what went wrong, because the library wraps it.</summary>
    private sealed class GuardedHandler(IOutgoingHttp http, string? token) : HttpMessageHandler
    {
        /// <summary>The status of the last answer; null before the first.</summary>
        public HttpStatusCode? Status { get; private set; }

        /// <summary>Whether the last answer wants other credentials.</summary>
        public bool IsRefused => Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

        /// <summary>Why the last request got no answer, or null.</summary>
        public OutgoingHttpException? Refusal { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Options.Set(RequestHop.TimeLimit, Longest);
            if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
            try
            {
                var reply = await http.SendAsync(request, cancellationToken);
                // The end of the session is asked for when everything is done, and many servers do not have it.
                if (request.Method != HttpMethod.Delete) Status = (HttpStatusCode)reply.Status;
                var response = new HttpResponseMessage((HttpStatusCode)reply.Status) { Content = new ReadOnlyMemoryContent(reply.Body), RequestMessage = request };
                if (reply.ContentType is { } type) response.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                foreach (var (name, value) in reply.Headers) response.Headers.TryAddWithoutValidation(name, value);
                return response;
            }
            catch (OutgoingHttpException exception)
            {
                Refusal = exception;
                throw new HttpRequestException(exception.Message, exception);
            }
        }
    }
}

/// <summary>An MCP server refused the credentials, or wants some.</summary>
public sealed class McpRefusedException : BlockException
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">The text for the user, without secrets.</param>
    /// <param name="inner">The cause.</param>
    public McpRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>What an MCP server offers.</summary>
/// <param name="ServerName">What it calls itself, or null.</param>
/// <param name="ProtocolVersion">The version that both speak, or null.</param>
/// <param name="Tools">Its tools, at most 1,000.</param>
public sealed record McpTools(string? ServerName, string? ProtocolVersion, IReadOnlyList<McpTool> Tools);

/// <summary>One tool of an MCP server.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">What it is for; may be empty.</param>
/// <param name="InputSchema">The JSON schema of its arguments.</param>
public sealed record McpTool(string Name, string Description, JsonElement InputSchema);
