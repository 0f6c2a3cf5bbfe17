using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Grainflow.TestSupport;

/// <summary>A request that <see cref="ScriptedOAuth"/> has received.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Form">The parameters of the body; those of a JSON body too.</param>
/// <param name="Authorization">The Authorization header, or null.</param>
public sealed record OAuthCall(string Method, string Path, IReadOnlyDictionary<string, string> Form, string? Authorization)
{
    /// <summary>Whether it asks to replace tokens.</summary>
    public bool IsRefresh => Form.GetValueOrDefault("grant_type") == "refresh_token";
}

/// <summary>
/// One provider of OAuth on loopback, with the paths and habits of the real one: how the client is authenticated, what a body looks like, which logins need PKCE, how refusals are
/// answered, whether a refresh token works once. Users grant access when a test says so.
/// </summary>
public sealed class ScriptedOAuth : IAsyncDisposable
{
    /// <summary>The id of the client, with a character that has to be escaped.</summary>
    public const string ClientId = "client:1";

    /// <summary>The secret of the client.</summary>
    public const string ClientSecret = "s3cret/+=";

    private static readonly Dictionary<string, Habits> All = new(StringComparer.Ordinal)
    {
        ["github"] = new("/login/oauth/access_token", "/user", """{"login":"ada"}""") { Revoke = $"/applications/{Uri.EscapeDataString(ClientId)}/token", AnswersRefusalsWith200 = true, FormUnlessJsonIsAccepted = true },
        ["google"] = new("/token", "/oauth2/v2/userinfo", """{"email":"ada@example.com"}""") { Revoke = "/revoke", Expires = true, Refreshes = true, KeepsRefreshToken = true },
        ["discord"] = new("/api/oauth2/token", "/api/oauth2/@me", """{"user":{"username":"ada"}}""") { Revoke = "/api/oauth2/token/revoke", NeedsPkce = true, Expires = true, Refreshes = true },
        ["twitter"] = new("/2/oauth2/token", "/2/users/me", """{"data":{"username":"ada"}}""") { Revoke = "/2/oauth2/revoke", NeedsPkce = true, Basic = true, Expires = true, Refreshes = true },
        ["reddit"] = new("/api/v1/access_token", "/api/v1/me", """{"name":"ada"}""") { Revoke = "/api/v1/revoke_token", Basic = true, Expires = true, Refreshes = true, KeepsRefreshToken = true },
        ["todoist"] = new("/oauth/access_token", "/api/v1/sync", """{"user":{"email":"ada@example.com"}}""") { UserByPost = true },
        ["notion"] = new("/v1/oauth/token", null, "") { Basic = true, Json = true },
    };

    private readonly WebApplication _application;
    private readonly Habits _habits;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Uri> _codes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refreshTokens = new(StringComparer.Ordinal);
    private readonly HashSet<string> _accessTokens = new(StringComparer.Ordinal);
    private int _number;

    private ScriptedOAuth(string provider, WebApplication application) => (Provider, _application, _habits) = (provider, application, All[provider]);

    /// <summary>The provider that it plays.</summary>
    public string Provider { get; }

    /// <summary>Where it is: the setting <c>PROVIDER_OAUTH_BASE</c>.</summary>
    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>The requests, in the order of their arrival.</summary>
    public ConcurrentQueue<OAuthCall> Calls { get; } = new();

    /// <summary>The status that a request is answered with instead of being served; asked once for each; null serves it.</summary>
    public Func<OAuthCall, int?> Fault { get; set; } = _ => null;

    /// <summary>Waited for before a request is answered.</summary>
    public Func<OAuthCall, Task> Delay { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether access tokens expire at a provider where the application decides it, which is GitHub.</summary>
    public bool ExpiringTokens { get; set; }

    /// <summary>How many seconds access tokens are valid for where they expire.</summary>
    public int ValidSeconds { get; set; } = 3600;

    /// <summary>Members that the answers for tokens have besides the usual ones, or that replace them; null removes one.</summary>
    public Dictionary<string, JsonNode?> Answer { get; } = new(StringComparer.Ordinal);

    /// <summary>The access tokens that are valid now.</summary>
    public IReadOnlyCollection<string> Valid
    {
        get
        {
            lock (_lock) return [.. _accessTokens];
        }
    }

    /// <summary>Starts a provider.</summary>
    /// <param name="provider">Its name in the contract.</param>
    public static async Task<ScriptedOAuth> StartAsync(string provider)
    {
        var application = LoopbackHost.Build();
        var server = new ScriptedOAuth(provider, application);
        application.Run(server.AnswerAsync);
        server.Address = new Uri(await application.ListenAsync());
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>Does what a user does who grants access on the provider's page.</summary>
    /// <param name="login">The address of the page.</param>
    /// <returns>The code and the state with which the user is sent back.</returns>
    /// <exception cref="InvalidOperationException">The provider would refuse the address.</exception>
    public (string Code, string State) Grant(Uri login)
    {
        var query = HttpUtility.ParseQueryString(login.Query);
        if (login.GetLeftPart(UriPartial.Authority) != Address.GetLeftPart(UriPartial.Authority)) throw new InvalidOperationException($"{login.Host} is not this provider.");
        if (query["client_id"] != ClientId || query["response_type"] != "code") throw new InvalidOperationException("The client is unknown.");
        if (_habits.NeedsPkce && query["code_challenge_method"] != "S256") throw new InvalidOperationException("PKCE is required.");
        lock (_lock)
        {
            var code = $"code-{++_number}";
            _codes[code] = login;
            return (code, query["state"]!);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var form = await ReadAsync(context.Request);
        var call = new OAuthCall(context.Request.Method, context.Request.Path, form, context.Request.Headers.Authorization.FirstOrDefault());
        Calls.Enqueue(call);
        await Delay(call);
        if (Fault(call) is { } status)
        {
            await RefuseAsync(context, status, "server_error");
            return;
        }

        if (call.Path == _habits.Token && call.Method == "POST") await TokensAsync(context, call);
        else if (call.Path == _habits.User && call.Method == (_habits.UserByPost ? "POST" : "GET")) await UserAsync(context, call);
        else if (context.Request.Path.ToUriComponent() == _habits.Revoke || call.Path == Uri.UnescapeDataString(_habits.Revoke ?? "/none")) await RevokeAsync(context, call);
        else await RefuseAsync(context, 404, "not_found");
    }

    private async Task TokensAsync(HttpContext context, OAuthCall call)
    {
        if (!IsClient(call) || _habits.Json != (context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true))
        {
            await RefuseAsync(context, 401, "invalid_client");
            return;
        }

        string? scope = null;
        lock (_lock)
        {
            if (call.IsRefresh)
            {
                var token = call.Form.GetValueOrDefault("refresh_token", "");
                if (!(_habits.Refreshes || ExpiringTokens) || !_refreshTokens.Contains(token)) scope = null;
                else scope = "read";
                if (scope is not null && !_habits.KeepsRefreshToken) _refreshTokens.Remove(token);
            }
            else if (call.Form.GetValueOrDefault("grant_type") == "authorization_code" && _codes.Remove(call.Form.GetValueOrDefault("code", ""), out var login))
            {
                var query = HttpUtility.ParseQueryString(login.Query);
                var proven = query["code_challenge"] is not { } challenge || challenge == Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(call.Form.GetValueOrDefault("code_verifier", ""))));
                if (proven && query["redirect_uri"] == call.Form.GetValueOrDefault("redirect_uri")) scope = query["scope"] ?? "";
            }
        }

        if (scope is null)
        {
            await RefuseAsync(context, _habits.AnswersRefusalsWith200 ? 200 : 400, "invalid_grant");
            return;
        }

        var answer = Tokens(scope, call.IsRefresh);
        foreach (var (name, value) in Answer)
        {
            answer.Remove(name);
            if (value is not null) answer[name] = value.DeepClone();
        }

        if (_habits.FormUnlessJsonIsAccepted && !context.Request.Headers.Accept.Any(accept => accept == "application/json"))
            await context.Response.WriteAsync(string.Join('&', answer.Select(member => $"{member.Key}={member.Value}")));
        else await WriteAsync(context, 200, answer);
    }

    private JsonObject Tokens(string scope, bool isRefresh)
    {
        lock (_lock)
        {
            var answer = new JsonObject { ["access_token"] = $"access-{++_number}", ["token_type"] = "bearer", ["scope"] = scope };
            _accessTokens.Add((string)answer["access_token"]!);
            if (_habits.Expires || ExpiringTokens) answer["expires_in"] = ValidSeconds;
            if ((_habits.Refreshes || ExpiringTokens) && !(isRefresh && _habits.KeepsRefreshToken))
            {
                answer["refresh_token"] = $"refresh-{_number}";
                _refreshTokens.Add($"refresh-{_number}");
            }

            if (Provider == "notion")
            {
                answer.Remove("scope");
                answer["workspace_name"] = "Engines";
                answer["owner"] = new JsonObject { ["user"] = new JsonObject { ["name"] = "Ada", ["person"] = new JsonObject { ["email"] = "ada@example.com" } } };
            }

            return answer;
        }
    }

    private Task UserAsync(HttpContext context, OAuthCall call)
    {
        bool known;
        lock (_lock) known = call.Authorization?.StartsWith("Bearer ", StringComparison.Ordinal) == true && _accessTokens.Contains(call.Authorization[7..]);
        return known ? WriteAsync(context, 200, JsonNode.Parse(_habits.UserAnswer)!) : RefuseAsync(context, 401, "invalid_token");
    }

    private Task RevokeAsync(HttpContext context, OAuthCall call)
    {
        var isGitHub = Provider == "github";
        if (isGitHub != (call.Method == "DELETE") || !(isGitHub ? IsBasic(call) : Provider == "google" || IsClient(call))) return RefuseAsync(context, 401, "invalid_client");
        lock (_lock)
        {
            var token = call.Form.GetValueOrDefault(isGitHub ? "access_token" : "token", "");
            var known = _accessTokens.Remove(token) | _refreshTokens.Remove(token);
            if (!known && isGitHub) return RefuseAsync(context, 404, "not_found");
        }

        context.Response.StatusCode = isGitHub ? 204 : 200;
        return Task.CompletedTask;
    }

    private bool IsClient(OAuthCall call) => _habits.Basic
        ? IsBasic(call)
        : call.Authorization is null && call.Form.GetValueOrDefault("client_id") == ClientId && call.Form.GetValueOrDefault("client_secret") == ClientSecret;

    private static bool IsBasic(OAuthCall call) =>
        call.Authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(ClientSecret)}"));

    private static Task RefuseAsync(HttpContext context, int status, string error) =>
        WriteAsync(context, status, new JsonObject { ["error"] = error, ["error_description"] = "the secret is " + ClientSecret });

    private static async Task WriteAsync(HttpContext context, int status, JsonNode answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private static async Task<Dictionary<string, string>> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        if (body.Length == 0) return [];
        return request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true
            ? JsonDocument.Parse(body).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.ToString(), StringComparer.Ordinal)
            : QueryHelpers.ParseQuery(body).ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ToString(), StringComparer.Ordinal);
    }

    private sealed record Habits(string Token, string? User, string UserAnswer)
    {
        public string? Revoke { get; init; }

        public bool NeedsPkce { get; init; }

        public bool Basic { get; init; }

        public bool Json { get; init; }

        public bool Expires { get; init; }

        public bool Refreshes { get; init; }

        public bool KeepsRefreshToken { get; init; }

        public bool AnswersRefusalsWith200 { get; init; }

        public bool FormUnlessJsonIsAccepted { get; init; }

        public bool UserByPost { get; init; }
    }
}
