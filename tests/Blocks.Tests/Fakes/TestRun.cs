using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Tests.Mail;
using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;
using Microsoft.Extensions.Time.Testing;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>A run of one block with everything around it scripted.</summary>
internal sealed class TestRun : IAsyncDisposable
{
    /// <summary>Scripts the surroundings after the <c>context</c> of a vector.</summary>
    /// <param name="script">The script; replies that it lacks fail the run.</param>
    /// <param name="http">Sends the requests in place of the script, or null.</param>
    /// <param name="credentials">The credentials by pin in place of those of the script, or null.</param>
    /// <param name="clock">The clock in place of one on which waits end at once, or null.</param>
    /// <param name="steps">The steps of earlier attempts, or null.</param>
    public TestRun(
        JsonElement script = default, IOutgoingHttp? http = null, TimeProvider? clock = null, IReadOnlyDictionary<string, Credential>? credentials = null, IStepJournal? steps = null)
    {
        Clock = new SleepingClock(DateTimeOffset.Parse(script.Member("now")?.GetString() ?? "2025-01-01T00:00:00Z", CultureInfo.InvariantCulture));
        Http = new ScriptedHttp([.. Replies(script, "http"), .. VendorDoubles.Of(script)]);
        Models = new ScriptedModels(Replies(script, "llm"));
        if (script.Member("files") is { } files)
            foreach (var file in files.EnumerateObject()) Files.Files[file.Name] = Convert.FromBase64String(file.Value.GetString()!);
        if (script.Member("kv") is { } kept)
            foreach (var value in kept.EnumerateObject()) KeyValues.Values[value.Name] = value.Value;
        if (script.Member("smtp") is { } mood) Mail = new ScriptedMailServer(Enum.Parse<MailServerMood>(mood.GetString()!, ignoreCase: true));
        Tools = new ScriptedTools(script);
        Agents = new ScriptedAgents(script.Member("platform") ?? JsonValues.EmptyObject);
        Context = new BlockContext
        {
            UserId = "user-1",
            GraphId = script.Member("graph_id")?.GetString() ?? "graph-1",
            RunId = "run-1",
            NodeId = "node-1",
            NodeExecutionId = script.Member("node_execution_id")?.GetString() ?? "node-execution-1",
            Clock = clock ?? (Mail is null ? Clock : new FakeTimeProvider(Clock.GetUtcNow())),
            UserTimeZone = script.Member("user_timezone")?.GetString() ?? "UTC",
            Http = http ?? Http,
            Streams = (IOutgoingStreams?)Mail ?? new OutgoingStreams(new OutgoingHttpOptions()),
            Models = Models,
            Files = Files,
            KeyValues = KeyValues,
            Library = Agents,
            Store = script.Member("platform") is null ? null : Agents,
            Credentials = credentials ?? new Dictionary<string, Credential>(StringComparer.Ordinal) { ["credentials"] = CredentialOf(script) },
            Reviews = ReviewsOf(script),
            Tools = Tools.Nodes,
            ToolRuns = Tools,
            Steps = steps,
        };
    }

    public SleepingClock Clock { get; }

    public ScriptedHttp Http { get; }

    public ScriptedModels Models { get; }

    public ScriptedTools Tools { get; }

    public MemoryRunFiles Files { get; } = new();

    public MemoryKeyValues KeyValues { get; } = new();

    public ScriptedAgents Agents { get; }

    /// <summary>The mail server to which every connection leads; null without one.</summary>
    public ScriptedMailServer? Mail { get; }

    public BlockContext Context { get; init; }

    public ValueTask DisposeAsync() => Mail?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Runs the block to its end or its failure.</summary>
    public async Task<(List<BlockOutput> Outputs, BlockFailedException? Failure)> RunAsync(IBlock block, JsonElement input)
    {
        var outputs = new List<BlockOutput>();
        try
        {
            await foreach (var output in BlockRunner.RunAsync(block, input, Context, TestContext.Current.CancellationToken)) outputs.Add(output);
            return (outputs, null);
        }
        catch (BlockFailedException failure)
        {
            return (outputs, failure);
        }
    }

    private static JsonElement.ArrayEnumerator Replies(JsonElement script, string name) => (script.Member(name) ?? JsonValues.EmptyArray).EnumerateArray();

    private static Credential CredentialOf(JsonElement script)
    {
        if (script.Member("smtp") is not null) return new Credential("cred-1", "smtp", CredentialTypes.UserPassword, "pw") { Username = "me@example.com" };
        if (script.Member("host_credentials") is not { } given) return new Credential("cred-1", "any", CredentialTypes.ApiKey, script.Member("secret")?.GetString() ?? "k");
        return new Credential("cred-1", "http", CredentialTypes.HostScoped, "")
        {
            Host = given.GetProperty("host").GetString(),
            Headers = given.GetProperty("headers").EnumerateObject().ToImmutableDictionary(header => header.Name, header => header.Value.GetString()!, StringComparer.OrdinalIgnoreCase),
        };
    }

    private static ScriptedReviews? ReviewsOf(JsonElement script)
    {
        if (script.Member("review") is not { } review) return null;
        var status = ReviewStates.Parse(review.GetProperty("status").GetString()!);
        return new ScriptedReviews(new ReviewDecision(status, review.Member("data"), review.Member("message")?.GetString()));
    }
}
