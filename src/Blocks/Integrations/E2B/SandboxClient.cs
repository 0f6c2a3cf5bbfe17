using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.E2B;

/// <summary>Sandboxes of E2B in which code runs.</summary>
/// <param name="context">The node execution.</param>
internal sealed class SandboxClient(BlockContext context)
{
    private const string CodeTemplate = "code-interpreter-v1";

    private const int CodePort = 49999;

    private const int CommandPort = 49983;

    private const int MostSeconds = 24 * 60 * 60;

    // As long as the vendor's own clients wait for one piece of code.
    private static readonly TimeSpan CodeLimit = TimeSpan.FromMinutes(5);

    private static readonly Vendor Api = new("e2b", "E2B", "https://api.e2b.app") { Host = "api", Authorization = Vendor.KeyIn("X-API-Key") };

    private readonly ApiClient _client = new(Api, context);

    /// <summary>
    /// Opens a sandbox. The vendor takes no key by which he would recognise a second request: an attempt that is repeated after a crash opens another one, and the first ends by its time.
    /// </summary>
    /// <param name="template">The template; "" for the one that runs code.</param>
    /// <param name="seconds">How long it lives, 1 second to a day.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The time is out of range, or the request failed.</exception>
    public async Task<Sandbox> OpenAsync(string template, long seconds, CancellationToken cancellationToken)
    {
        if (seconds is < 1 or > MostSeconds) throw new BlockException($"'timeout' must be 1 to {MostSeconds} seconds");
        return SandboxOf(await _client.PostAsync("/sandboxes", new { templateID = template.Length > 0 ? template : CodeTemplate, timeout = seconds, secure = true }, cancellationToken));
    }

    /// <summary>Connects to a sandbox that an earlier block has opened.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">There is none any more, or the request failed.</exception>
    public async Task<Sandbox> ConnectAsync(string id, CancellationToken cancellationToken) =>
        SandboxOf(await _client.PostAsync($"/sandboxes/{ApiRequest.Segment(id, "sandbox_id")}/connect", new { timeout = (long)CodeLimit.TotalSeconds }, cancellationToken));

    /// <summary>Ends a sandbox; nothing happens when it has ended already.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed; the sandbox ends by its time then.</exception>
    public async Task CloseAsync(Sandbox sandbox, CancellationToken cancellationToken)
    {
        try
        {
            await _client.ReplyAsync(new ApiRequest(HttpMethod.Delete, "/sandboxes/" + Uri.EscapeDataString(sandbox.Id)), cancellationToken);
        }
        catch (ApiException e) when (e.Status == 404)
        {
            return;
        }
    }

    /// <summary>Runs a shell command, and waits for its end.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="command">The command, for a shell.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed, or the command ended with an error.</exception>
    public async Task CommandAsync(Sandbox sandbox, string command, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(sandbox, CommandPort, new ApiRequest(HttpMethod.Post, "/process.Process/Start")
        {
            Content = () => ConnectStream.ContentOf(ApiRequest.JsonOf(new { process = new { cmd = "/bin/bash", args = (string[])["-l", "-c", command] } })),
            // The user of the sandbox that the command runs as, without a password.
            Headers = [KeyValuePair.Create("Connect-Protocol-Version", "1"), KeyValuePair.Create("Authorization", "Basic dXNlcjo=")],
        }, cancellationToken);
        var (exitCode, error) = ConnectStream.ResultOf(reply.Body.Span) ?? throw _client.Malformed("it has no end of the command");
        if (exitCode != 0) throw new BlockException(string.Create(CultureInfo.InvariantCulture, $"The setup command '{command}' ended with exit code {exitCode}: {ApiAnswers.ReasonOf(default, error)}"));
    }

    /// <summary>Runs code, and waits for its end.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="code">The code.</param>
    /// <param name="language">Its language.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed. Errors of the code are in the result.</exception>
    public async Task<CodeRun> RunAsync(Sandbox sandbox, string code, string language, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(sandbox, CodePort, new ApiRequest(HttpMethod.Post, "/execute") { Json = ApiRequest.JsonOf(new { code, language }) }, cancellationToken);
        if (reply.Body.Length > ApiClient.MostBytes) throw new BlockException($"The code wrote more than {ApiClient.MostBytes / 1024 / 1024} MB");
        var run = new CodeRun();
        foreach (var line in reply.Text().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            run.Add(JsonValues.TryParse(line, out var message) ? message : throw _client.Malformed("a line of it is no JSON"));
        return run;
    }

    private Sandbox SandboxOf(JsonElement answer)
    {
        var domain = answer.Text("domain") is { Length: > 0 } given ? given : "e2b.app";
        var id = _client.NeedText(answer, "sandboxID");
        if (Uri.CheckHostName($"{id}.{domain}") != UriHostNameType.Dns) throw _client.Malformed("the sandbox has no host");
        return new Sandbox(id, domain, answer.Text("envdAccessToken"));
    }

    private Task<OutgoingReply> SendAsync(Sandbox sandbox, int port, ApiRequest request, CancellationToken cancellationToken)
    {
        var host = string.Create(CultureInfo.InvariantCulture, $"{port}-{sandbox.Id}");
        // A sandbox gets its own token and not the key of the account.
        var vendor = new Vendor("e2b", "E2B", $"https://{host}.{sandbox.Domain}") { Host = host, Authorization = _ => KeyValuePair.Create("X-Access-Token", sandbox.Token ?? "") };
        return new ApiClient(vendor, context).ReplyAsync(request with { IsAuthorized = sandbox.Token is not null, TimeLimit = CodeLimit + TimeSpan.FromSeconds(30) }, cancellationToken);
    }
}

/// <summary>A sandbox that is open.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Domain">The domain of its hosts.</param>
/// <param name="Token">The secret that it wants with each request; null for none.</param>
internal sealed record Sandbox(string Id, string Domain, string? Token)
{
    /// <summary>The sandbox without its secret.</summary>
    public override string ToString() => Id;
}
