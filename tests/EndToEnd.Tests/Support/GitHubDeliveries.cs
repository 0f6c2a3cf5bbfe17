using System.Text;
using System.Text.Json.Nodes;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>Sends deliveries of a webhook as GitHub does, and has an agent that takes them.</summary>
internal static class GitHubDeliveries
{
    private const string IssuesTrigger = "b2605464-e486-4bf4-aad3-d8a213c8a48a";
    private const string Output = "363ae599-353e-4804-937e-b2ee3cef3da4";

    /// <summary>Gives the server of a place what it needs for webhooks of a scripted GitHub.</summary>
    public static void Configure(Workplace place, ScriptedGitHub github)
    {
        place.Environment["PLATFORM_BASE_URL"] = "https://platform.test";
        place.Environment["GITHUB_API_BASE"] = github.Address.ToString();
        place.Environment["ENCRYPTION_KEY"] = Convert.ToBase64String(Encoding.ASCII.GetBytes("a key of exactly thirty-two byte"));
    }

    /// <summary>The body that stores an agent whose output <c>number</c> is that of the issue.</summary>
    public static string Agent() => new JsonObject
    {
        ["graph"] = new JsonObject
        {
            ["name"] = "Issues",
            ["description"] = "",
            ["nodes"] = new JsonArray(
                new JsonObject { ["id"] = "trigger", ["block_id"] = IssuesTrigger },
                new JsonObject { ["id"] = "out", ["block_id"] = Output, ["input_default"] = new JsonObject { ["name"] = "number" } }),
            ["links"] = new JsonArray(new JsonObject { ["source_id"] = "trigger", ["source_name"] = "number", ["sink_id"] = "out", ["sink_name"] = "value" }),
        },
    }.ToJsonString();

    /// <summary>The body that stores the credential with which webhooks are registered.</summary>
    public static string Credential() =>
        new JsonObject { ["id"] = Guid.NewGuid().ToString(), ["provider"] = "github", ["type"] = "api_key", ["title"] = "GitHub", ["api_key"] = ScriptedGitHub.Token }.ToJsonString();

    /// <summary>The body of a delivery that tells of a new issue.</summary>
    /// <param name="number">The number of the issue.</param>
    public static string Opened(int number) => new JsonObject
    {
        ["action"] = "opened",
        ["sender"] = new JsonObject { ["login"] = "octocat" },
        ["issue"] = new JsonObject
        {
            ["number"] = number,
            ["html_url"] = "u",
            ["title"] = "t",
            ["body"] = "b",
            ["labels"] = new JsonArray(),
            ["assignees"] = new JsonArray(),
            ["state"] = "open",
        },
    }.ToJsonString();

    /// <summary>Sends a delivery.</summary>
    /// <param name="server">The server.</param>
    /// <param name="hook">The webhook as GitHub has it.</param>
    /// <param name="kind">The event, for example <c>issues</c>.</param>
    /// <param name="id">The id of the delivery.</param>
    /// <param name="body">The body.</param>
    /// <returns>The HTTP status of the answer.</returns>
    public static async Task<int> SendAsync(HttpClient server, GitHubHook hook, string kind, string id, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(hook.Address).AbsolutePath) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("X-GitHub-Event", kind);
        request.Headers.TryAddWithoutValidation("X-GitHub-Delivery", id);
        request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", ScriptedGitHub.Sign(body, hook.Secret));
        using var response = await server.SendAsync(request);
        return (int)response.StatusCode;
    }
}
