using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Grainflow.TestSupport;

/// <summary>A webhook that <see cref="ScriptedGitHub"/> has.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Address">Where deliveries go to.</param>
/// <param name="Secret">What signs them.</param>
/// <param name="Events">The events.</param>
public sealed record GitHubHook(long Id, string Repository, string Address, string Secret, IReadOnlyList<string> Events);

/// <summary>The webhooks of repositories on GitHub, on loopback.</summary>
public sealed class ScriptedGitHub : IAsyncDisposable
{
    /// <summary>The token that requests need.</summary>
    public const string Token = "ghp_scripted";

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<long, GitHubHook> _hooks = new();
    private long _lastId = 1000;

    private ScriptedGitHub(WebApplication application) => _application = application;

    /// <summary>The setting <c>GITHUB_API_BASE</c>.</summary>
    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>The webhooks that are registered.</summary>
    public IReadOnlyList<GitHubHook> Hooks => [.. _hooks.Values.OrderBy(hook => hook.Id)];

    /// <summary>The requests, as method and path.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What answers a request in the place of GitHub: a status with a message, or null for nothing; asked before the effect.</summary>
    public Func<string, (int Status, string Message)?> Refusal { get; set; } = _ => null;

    /// <summary>Whether the answer of a request is lost after its effect.</summary>
    public Func<string, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>Sends a ping that was asked for; nothing by default.</summary>
    public Func<GitHubHook, Task> SendPing { get; set; } = _ => Task.CompletedTask;

    /// <summary>Starts a server without webhooks.</summary>
    public static async Task<ScriptedGitHub> StartAsync()
    {
        var application = LoopbackHost.Build();
        var server = new ScriptedGitHub(application);
        application.Run(server.AnswerAsync);
        server.Address = new Uri(await application.ListenAsync());
        return server;
    }

    /// <summary>The signature of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="secret">The secret of the webhook.</param>
    public static string Sign(string body, string secret) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static async Task WriteAsync(HttpContext context, int status, JsonNode? body)
    {
        context.Response.StatusCode = status;
        if (body is not null) await context.Response.WriteAsJsonAsync(body);
    }

    private static JsonObject Shown(GitHubHook hook) => new()
    {
        ["id"] = hook.Id,
        ["type"] = "Repository",
        ["active"] = true,
        ["events"] = new JsonArray([.. hook.Events.Select(name => (JsonNode?)name)]),
        ["config"] = new JsonObject { ["url"] = hook.Address, ["content_type"] = "json", ["insecure_ssl"] = "0", ["secret"] = "********" },
    };

    private async Task AnswerAsync(HttpContext context)
    {
        var call = $"{context.Request.Method} {context.Request.Path}";
        Calls.Enqueue(call);
        if (context.Request.Headers.Authorization != "Bearer " + Token)
        {
            await WriteAsync(context, 401, new JsonObject { ["message"] = "Bad credentials" });
            return;
        }

        if (Refusal(call) is { } refusal)
        {
            await WriteAsync(context, refusal.Status, new JsonObject { ["message"] = refusal.Message });
            return;
        }

        var parts = context.Request.Path.Value!.Trim('/').Split('/');
        if (parts is not ["repos", var owner, var name, "hooks", ..])
        {
            await WriteAsync(context, 404, new JsonObject { ["message"] = "Not Found" });
            return;
        }

        var (status, answer) = await DoAsync(context, $"{owner}/{name}", parts[4..]);
        if (LosesAnswer(call)) context.Abort();
        else await WriteAsync(context, status, answer);
    }

    private async Task<(int Status, JsonNode? Answer)> DoAsync(HttpContext context, string repository, string[] rest)
    {
        if (rest.Length == 0)
        {
            if (context.Request.Method == "GET") return (200, new JsonArray([.. Hooks.Where(hook => hook.Repository == repository).Select(Shown)]));
            var body = (await JsonNode.ParseAsync(context.Request.Body))!;
            var hook = new GitHubHook(
                Interlocked.Increment(ref _lastId), repository, body["config"]!["url"]!.GetValue<string>(), body["config"]!["secret"]!.GetValue<string>(),
                [.. body["events"]!.AsArray().Select(name => name!.GetValue<string>())]);
            _hooks[hook.Id] = hook;
            return (201, Shown(hook));
        }

        if (!long.TryParse(rest[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !_hooks.TryGetValue(id, out var known)) return (404, new JsonObject { ["message"] = "Not Found" });
        if (rest is [_, "pings"])
        {
            await SendPing(known);
            return (204, null);
        }

        _hooks.TryRemove(id, out _);
        return (204, null);
    }
}
