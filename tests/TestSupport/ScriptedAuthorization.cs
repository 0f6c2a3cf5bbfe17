using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Grainflow.TestSupport;

/// <summary>
/// An authorization server of MCP on loopback: it tells where its endpoints are (RFC 8414), registers clients (RFC 7591), wants PKCE, and its refresh tokens work once. Beside it, at
/// <see cref="Server"/>, is an MCP server that lets nobody in and says where its own metadata is (RFC 9728). Users grant access when a test says so, and browsers at once.
/// </summary>
public sealed class ScriptedAuthorization : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Secret, string Method)> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Uri> _codes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _accessTokens = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refreshTokens = new(StringComparer.Ordinal);
    private int _number;

    private ScriptedAuthorization(WebApplication application) => _application = application;

    /// <summary>The issuer.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>The address of the MCP server that lets nobody in.</summary>
    public Uri Server => new(Issuer + "/mcp");

    /// <summary>What each GET answers, by its path; null answers 404. A test changes what it is about.</summary>
    public ConcurrentDictionary<string, JsonNode?> Documents { get; } = new(StringComparer.Ordinal);

    /// <summary>The metadata of the authorization server, which is among <see cref="Documents"/>.</summary>
    public JsonObject Metadata => (JsonObject)Documents["/.well-known/oauth-authorization-server"]!;

    /// <summary>The metadata of the MCP server, which is among <see cref="Documents"/>.</summary>
    public JsonObject Resource => (JsonObject)Documents["/.well-known/oauth-protected-resource/mcp"]!;

    /// <summary>What the MCP server says of a request without a token: the header <c>WWW-Authenticate</c>.</summary>
    public string Challenge { get; set; } = "Bearer";

    /// <summary>The method that clients are told to prove themselves by; null for the one they ask for.</summary>
    public string? Method { get; set; }

    /// <summary>The status that a request is answered with instead of being served; null serves it.</summary>
    public Func<OAuthCall, int?> Fault { get; set; } = _ => null;

    /// <summary>Where every POST to the authorization server is led, with status 307; null serves it.</summary>
    public Uri? Redirect { get; set; }

    /// <summary>The resources that tokens are granted for beside <see cref="Server"/>.</summary>
    public HashSet<string> Resources { get; } = new(StringComparer.Ordinal);

    /// <summary>How many seconds access tokens are valid for.</summary>
    public int ValidSeconds { get; set; } = 3600;

    /// <summary>The requests to the authorization server, in the order of their arrival.</summary>
    public ConcurrentQueue<OAuthCall> Calls { get; } = new();

    /// <summary>The access tokens that are valid now.</summary>
    public IReadOnlyCollection<string> Valid
    {
        get
        {
            lock (_lock) return [.. _accessTokens];
        }
    }

    /// <summary>Starts a server.</summary>
    public static async Task<ScriptedAuthorization> StartAsync()
    {
        var application = LoopbackHost.Build();
        var server = new ScriptedAuthorization(application);
        application.Run(server.AnswerAsync);
        server.Issuer = await application.ListenAsync();
        server.Documents["/.well-known/oauth-protected-resource/mcp"] = new JsonObject
        {
            ["resource"] = server.Server.AbsoluteUri,
            ["authorization_servers"] = new JsonArray(server.Issuer),
            ["scopes_supported"] = new JsonArray("tools:read", "tools:call"),
        };
        server.Documents["/.well-known/oauth-authorization-server"] = new JsonObject
        {
            ["issuer"] = server.Issuer,
            ["authorization_endpoint"] = server.Issuer + "/authorize",
            ["token_endpoint"] = server.Issuer + "/token",
            ["registration_endpoint"] = server.Issuer + "/register",
            ["revocation_endpoint"] = server.Issuer + "/revoke",
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
            ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post"),
            ["scopes_supported"] = new JsonArray("everything"),
        };
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>Knows a client that has not registered itself, and has no secret.</summary>
    /// <param name="id">Its id.</param>
    public void Know(string id)
    {
        lock (_lock) _clients[id] = ("", "none");
    }

    /// <summary>Does what a user does who grants access on the page.</summary>
    /// <param name="login">The address of the page.</param>
    /// <returns>The code and the state with which the user is sent back.</returns>
    /// <exception cref="InvalidOperationException">The server would refuse the address.</exception>
    public (string Code, string State) Grant(Uri login)
    {
        var query = HttpUtility.ParseQueryString(login.Query);
        lock (_lock)
        {
            if (login.GetLeftPart(UriPartial.Path) != Issuer + "/authorize" || query["response_type"] != "code") throw new InvalidOperationException($"{login} is not the page.");
            if (!_clients.ContainsKey(query["client_id"] ?? "")) throw new InvalidOperationException("The client is unknown.");
            if (query["code_challenge_method"] != "S256") throw new InvalidOperationException("PKCE is required.");
            var code = $"code-{++_number}";
            _codes[code] = login;
            return (code, query["state"]!);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        if (context.Request.Path == Server.AbsolutePath)
        {
            context.Response.Headers.WWWAuthenticate = Challenge;
            context.Response.StatusCode = 401;
            return;
        }

        if (context.Request.Path == "/authorize")
        {
            // The user grants access at once, and is led back.
            var (code, state) = Grant(new Uri(Issuer + context.Request.Path + context.Request.QueryString));
            context.Response.Redirect($"{context.Request.Query["redirect_uri"]}?code={code}&state={state}&iss={Uri.EscapeDataString(Issuer)}");
            return;
        }

        if (context.Request.Method == "GET")
        {
            var document = Documents.GetValueOrDefault(context.Request.Path.Value!);
            await WriteAsync(context, document is null ? 404 : 200, document ?? new JsonObject());
            return;
        }

        var isJson = context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true;
        var form = isJson
            ? JsonNode.Parse(body)!.AsObject().ToDictionary(member => member.Key, member => member.Value is JsonValue value ? value.ToString() : member.Value!.ToJsonString(), StringComparer.Ordinal)
            : HttpUtility.ParseQueryString(body) is var parsed ? parsed.AllKeys.ToDictionary(name => name!, name => parsed[name]!, StringComparer.Ordinal) : [];
        var call = new OAuthCall(context.Request.Method, context.Request.Path, form, context.Request.Headers.Authorization.FirstOrDefault());
        Calls.Enqueue(call);
        if (Redirect is { } other)
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = other.AbsoluteUri;
            return;
        }

        if (Fault(call) is { } status) await WriteAsync(context, status, Error("server_error"));
        else await (call.Path switch
        {
            "/register" => RegisterAsync(context, call),
            "/token" => TokensAsync(context, call),
            "/revoke" => RevokeAsync(context, call),
            _ => WriteAsync(context, 404, Error("not_found")),
        });
    }

    private Task RegisterAsync(HttpContext context, OAuthCall call)
    {
        if (!call.Form.GetValueOrDefault("redirect_uris", "").Contains("/auth/integrations/mcp_callback", StringComparison.Ordinal)) return WriteAsync(context, 400, Error("invalid_redirect_uri"));
        lock (_lock)
        {
            var (id, method) = ($"client:{++_number}", Method ?? call.Form["token_endpoint_auth_method"]);
            var secret = method == "none" ? "" : $"client secret/+={_number}";
            _clients[id] = (secret, method);
            var answer = new JsonObject { ["client_id"] = id, ["token_endpoint_auth_method"] = method };
            if (secret.Length > 0) answer["client_secret"] = secret;
            return WriteAsync(context, 201, answer);
        }
    }

    private Task TokensAsync(HttpContext context, OAuthCall call)
    {
        lock (_lock)
        {
            if (!IsClient(call)) return WriteAsync(context, 401, Error("invalid_client"));
            var scope = call.IsRefresh
                ? _refreshTokens.Remove(call.Form.GetValueOrDefault("refresh_token", "")) ? "tools:read" : null
                : _codes.Remove(call.Form.GetValueOrDefault("code", ""), out var login) ? Proven(login, call) : null;
            if (scope is null || (call.Form.GetValueOrDefault("resource") is { } resource && resource != Server.AbsoluteUri && !Resources.Contains(resource))) return WriteAsync(context, 400, Error("invalid_grant"));
            var number = ++_number;
            _accessTokens.Add($"access-{number}");
            _refreshTokens.Add($"refresh-{number}");
            return WriteAsync(context, 200, new JsonObject
            {
                ["access_token"] = $"access-{number}",
                ["token_type"] = "Bearer",
                ["expires_in"] = ValidSeconds,
                ["refresh_token"] = $"refresh-{number}",
                ["scope"] = scope,
            });
        }
    }

    /// <summary>The scopes of a login whose verifier, redirect and resource are those with which it was begun; null otherwise.</summary>
    private static string? Proven(Uri login, OAuthCall call)
    {
        var query = HttpUtility.ParseQueryString(login.Query);
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(call.Form.GetValueOrDefault("code_verifier", ""))));
        return query["code_challenge"] == challenge && query["redirect_uri"] == call.Form.GetValueOrDefault("redirect_uri") && query["resource"] == call.Form.GetValueOrDefault("resource") ? query["scope"] ?? "" : null;
    }

    private Task RevokeAsync(HttpContext context, OAuthCall call)
    {
        lock (_lock)
        {
            if (!IsClient(call)) return WriteAsync(context, 401, Error("invalid_client"));
            // A refresh token ends its access tokens as well.
            if (_refreshTokens.Remove(call.Form["token"]) || _accessTokens.Contains(call.Form["token"])) _accessTokens.Clear();
            return WriteAsync(context, 200, new JsonObject());
        }
    }

    private bool IsClient(OAuthCall call)
    {
        var (id, given) = (call.Form.GetValueOrDefault("client_id", ""), call.Form.GetValueOrDefault("client_secret"));
        if (call.Authorization is { } header)
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':').Select(Uri.UnescapeDataString).ToList();
            return id.Length == 0 && given is null && _clients.TryGetValue(parts[0], out var basic) && basic == (parts[1], "client_secret_basic");
        }

        return _clients.TryGetValue(id, out var client) && (client.Method == "none" ? given is null : client == (given, "client_secret_post"));
    }

    private static JsonObject Error(string error) => new() { ["error"] = error, ["error_description"] = "it repeats what was sent" };

    private static async Task WriteAsync(HttpContext context, int status, JsonNode answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }
}
