using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Tests.Support;
using Grainflow.Grains.Webhooks;
using Grainflow.Storage;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Webhooks;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grainflow.Grains.Tests.Webhooks;

/// <summary>A cluster whose webhooks are registered at a scripted GitHub.</summary>
internal sealed class WebhookWorld : IAsyncDisposable
{
    public const string GitHubIssues = "b2605464-e486-4bf4-aad3-d8a213c8a48a";
    public const string Generic = "8fa8c167-2002-47ce-aba8-97572fc5d387";
    public const string Credential = "11111111-2222-4333-8444-555555555555";
    public const string Repository = "octo/hello";

    private const string PlatformAddress = "https://platform.test";

    private WebhookWorld(GrainCluster cluster, ScriptedGitHub github, ScriptedCredentials credentials) => (Cluster, GitHub, Credentials) = (cluster, github, credentials);

    public GrainCluster Cluster { get; }

    public ScriptedGitHub GitHub { get; }

    public ScriptedCredentials Credentials { get; }

    public WebhookStore Webhooks => new(Source);

    public DeliveryStore Deliveries => new(Source);

    public PresetStore Presets => new(Source);

    private Database Source => new(Cluster.Database.DataSource);

    public static async Task<WebhookWorld> StartAsync(
        TimeProvider? clock = null, short silos = 1, Action<WebhookOptions>? options = null, Action<IServiceCollection>? services = null, bool hasTasks = false, bool supervises = false)
    {
        var github = await ScriptedGitHub.StartAsync();
        var credentials = new ScriptedCredentials();
        foreach (var user in new[] { GrainCluster.User, "user-2" }) credentials.Add(user, new Credential(Credential, "github", "api_key", ScriptedGitHub.Token));
        var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Clock = clock ?? TimeProvider.System,
            Silos = silos,
            HasTasks = hasTasks,
            Supervises = supervises,
            Services = added =>
            {
                services?.Invoke(added);
                credentials.Register(added);
                added.RemoveAll<IKnownCredentials>();
                added.AddSingleton<IKnownCredentials, ScriptedKnownCredentials>();
                added.Configure<WebhookOptions>(webhooks =>
                {
                    webhooks.PlatformBaseUrl = new Uri(PlatformAddress);
                    webhooks.GitHubApiBase = github.Address;
                    webhooks.AnswerLimit = TimeSpan.FromSeconds(5);
                    webhooks.RetryDelay = TimeSpan.FromMilliseconds(20);
                    webhooks.Pace = TimeSpan.FromMilliseconds(50);
                    options?.Invoke(webhooks);
                });
            },
        });
        return new WebhookWorld(cluster, github, credentials);
    }

    public IUserPresetsGrain User(string user = GrainCluster.User) => Cluster.Grains.GetGrain<IUserPresetsGrain>(user);

    public IWebhookGrain Webhook(Guid id) => Cluster.Grains.GetGrain<IWebhookGrain>(id);

    /// <summary>A stored graph that any webhook starts, and that outputs the payload.</summary>
    public async Task<Graph> GenericGraphAsync(string user = GrainCluster.User)
    {
        var graph = Cluster.NewAgent("Generic").Node("trigger", Generic).Output("payload").Link("trigger.payload", "payload.value").Build();
        await Cluster.StoreAsAsync(user, graph);
        return graph;
    }

    /// <summary>A stored graph that issues on GitHub start.</summary>
    public async Task<Graph> GitHubGraphAsync(string user = GrainCluster.User)
    {
        var graph = Cluster.NewAgent("Issues").Node("trigger", GitHubIssues).Output("number").Link("trigger.number", "number.value").Build();
        await Cluster.StoreAsAsync(user, graph);
        return graph;
    }

    public static NewPreset Preset(Graph graph, object? config = null, object? credentials = null, Guid? id = null) => new()
    {
        Id = id ?? Guid.NewGuid(),
        GraphId = Guid.Parse(graph.Id),
        GraphVersion = graph.Version,
        Name = "Preset",
        Description = "",
        Inputs = Json(config ?? new { }),
        Credentials = Json(credentials ?? new { }),
    };

    public static NewPreset GitHubPreset(Graph graph, object? events = null, string repository = Repository, string credential = Credential, Guid? id = null) => Preset(
        graph,
        new { repo = repository, events = events ?? new { opened = true } },
        new Dictionary<string, object>(StringComparer.Ordinal) { ["github_api_key-oauth2_credentials"] = new { id = credential, provider = "github", type = "api_key" } },
        id);

    public static JsonPayload Json(object value) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(value));

    /// <summary>Sets a trigger up and answers the preset as it is stored.</summary>
    public async Task<PresetRow> SetUpAsync(NewPreset preset, string user = GrainCluster.User)
    {
        var answer = await User(user).SetUpTrigger(preset);
        Assert.Equal((PresetOutcome.Done, null), (answer.Outcome, answer.Reason));
        return (await Presets.FindAsync(user, preset.Id, CancellationToken.None))!;
    }

    /// <summary>A preset of a generic graph with its webhook.</summary>
    public async Task<PresetRow> GenericAsync() => await SetUpAsync(Preset(await GenericGraphAsync()));

    /// <summary>The webhook of a preset.</summary>
    public async Task<WebhookRow> WebhookOfAsync(PresetRow preset) => (await Webhooks.FindAsync(preset.WebhookId!.Value, CancellationToken.None))!;

    public Task<DeliveryAnswer> SendAsync(Guid webhook, string body, string provider = "generic_webhook", params (string Name, string Value)[] headers) => SendAsync(webhook, Encoding.UTF8.GetBytes(body), provider, headers);

    public Task<DeliveryAnswer> SendAsync(Guid webhook, byte[] body, string provider, params (string Name, string Value)[] headers) => Webhook(webhook).Receive(new IncomingDelivery
    {
        Provider = provider,
        Headers = headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.Ordinal),
        Body = [.. body],
    });

    /// <summary>Sends an event as GitHub does.</summary>
    public Task<DeliveryAnswer> SendGitHubAsync(GitHubHook hook, string body, string delivery, string name = "issues", string? secret = null) => SendAsync(
        Guid.Parse(new Uri(hook.Address).Segments[^2].TrimEnd('/')), body, "github", ("x-github-event", name), ("x-github-delivery", delivery), ("x-hub-signature-256", ScriptedGitHub.Sign(body, secret ?? hook.Secret)));

    public static string Issue(string action = "opened", int number = 7) =>
        $$$"""{"action":"{{{action}}}","sender":{"login":"octocat"},"issue":{"number":{{{number}}},"html_url":"u","title":"t","body":"b","labels":[],"assignees":[],"state":"open"}}""";

    /// <summary>Waits until every delivery of a webhook is processed.</summary>
    public async Task<IReadOnlyList<LoggedDelivery>> ProcessedAsync(Guid webhook, int count = 1)
    {
        using var limit = new CancellationTokenSource(GrainCluster.Patience);
        while (true)
        {
            var logged = await Deliveries.ListAsync(webhook, before: null, 1000, CancellationToken.None);
            if (logged.Count >= count && logged.All(delivery => delivery.ProcessedAt is not null)) return logged;
            try
            {
                await Task.Delay(20, limit.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"Waited in vain for {count} processed deliveries: {string.Join(", ", logged)}\n{Cluster.Log}", exception);
            }
        }
    }

    /// <summary>The runs of a preset.</summary>
    public async Task<IReadOnlyList<RunRow>> RunsOfAsync(PresetRow preset)
    {
        await using var command = Cluster.Database.DataSource.CreateCommand("SELECT id FROM runs WHERE preset_id = $1 ORDER BY created_at, id");
        command.Parameters.AddWithValue(preset.Id.ToString());
        var ids = new List<Guid>();
        await using (var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
            while (await reader.ReadAsync(TestContext.Current.CancellationToken)) ids.Add(reader.GetGuid(0));
        var rows = new List<RunRow>();
        foreach (var id in ids) rows.Add((await Cluster.Runs.FindAsync(id, CancellationToken.None))!);
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await GitHub.DisposeAsync();
    }
}

/// <summary>Finds every credential, as one of GitHub.</summary>
internal sealed class ScriptedKnownCredentials : IKnownCredentials
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, CredentialFacts>> FindAsync(string userId, IReadOnlySet<string> ids, CancellationToken cancellationToken) =>
        new(ids.ToDictionary(id => id, _ => new CredentialFacts("github", "api_key"), StringComparer.Ordinal));
}
