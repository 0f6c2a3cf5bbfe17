using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Webhooks;

/// <summary>A server whose webhooks are registered at a scripted GitHub, and whose users each have a credential there.</summary>
public sealed class WebhookServer : ApiServer, IAsyncLifetime
{
    internal const string GitHubIssues = "b2605464-e486-4bf4-aad3-d8a213c8a48a";
    internal const string Generic = "8fa8c167-2002-47ce-aba8-97572fc5d387";
    internal const string Credential = "11111111-2222-4333-8444-555555555555";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly ScriptedCredentials _credentials = new();
    private ScriptedGitHub? _github;

    internal ScriptedGitHub GitHub => _github!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        _github = await ScriptedGitHub.StartAsync();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await GitHub.DisposeAsync();
    }

    /// <summary>A user with a credential at GitHub.</summary>
    internal ApiClient NewUser()
    {
        var id = Guid.NewGuid().ToString();
        _credentials.Add(id, new Credential(Credential, "github", "api_key", ScriptedGitHub.Token));
        return For(id);
    }

    /// <summary>A graph that any webhook starts.</summary>
    internal static TestGraph GenericGraph() => new TestGraph("Generic").Node("trigger", Generic).Node("out", TestGraph.Output, "payload").Link("trigger", "payload", "out", "value");

    /// <summary>A graph that issues on GitHub start.</summary>
    internal static TestGraph GitHubGraph() => new TestGraph("Issues").Node("trigger", GitHubIssues).Node("out", TestGraph.Output, "number").Link("trigger", "number", "out", "value");

    internal static JsonObject SetUpBody(JsonElement graph, JsonObject config, bool withCredentials = false) => new()
    {
        ["name"] = "My preset",
        ["description"] = "what for",
        ["graph_id"] = graph.Id(),
        ["graph_version"] = graph.GetProperty("version").GetInt32(),
        ["trigger_config"] = config,
        ["agent_credentials"] = withCredentials ? new JsonObject { ["github_api_key-oauth2_credentials"] = new JsonObject { ["id"] = Credential, ["provider"] = "github", ["type"] = "api_key" } } : [],
    };

    /// <summary>A preset of a generic graph with its webhook.</summary>
    internal static async Task<JsonElement> GenericAsync(ApiClient user)
    {
        var answer = await user.PostAsync("/api/library/presets/setup-trigger", SetUpBody(await user.CreateAsync(GenericGraph()), []));
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    /// <summary>The path of the ingress of a preset's webhook.</summary>
    internal static string IngressOf(JsonElement preset) => new Uri(preset.GetProperty("webhook").Text("url")!).AbsolutePath;

    /// <summary>Sends a delivery as a provider does.</summary>
    internal async Task<Answer> SendAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address + path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), new Dictionary<string, string>(StringComparer.Ordinal));
    }

    internal Task<Answer> SendAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync(path, Encoding.UTF8.GetBytes(body), headers);

    /// <summary>The log of a webhook once as many deliveries are processed.</summary>
    internal static async Task<JsonElement> LogAsync(ApiClient user, string webhookId, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var answer = await user.GetAsync($"/api/integrations/webhooks/{webhookId}/deliveries");
            Assert.True(answer.Status == 200, answer.Text);
            var deliveries = answer.Json.GetProperty("deliveries");
            if (deliveries.GetArrayLength() >= count && deliveries.EnumerateArray().All(delivery => delivery.GetProperty("processed_at").ValueKind != JsonValueKind.Null)) return answer.Json;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <inheritdoc/>
    private protected override void Change(Dictionary<string, string> variables)
    {
        variables["PLATFORM_BASE_URL"] = "https://platform.test";
        variables["GITHUB_API_BASE"] = GitHub.Address.ToString();
    }

    /// <inheritdoc/>
    private protected override void Replace(IServiceCollection services) => _credentials.Register(services);
}
