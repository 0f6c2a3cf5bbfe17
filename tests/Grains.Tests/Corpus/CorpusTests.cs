using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Tests.Orleans;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Hosting;
using Grainflow.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Grainflow.Grains.Tests.Corpus;

/// <summary>What each earlier version has written is still read, and means the same (docs/upgrades.md).</summary>
public sealed class CorpusTests
{
    private const string RunningName = "unfinished";

    public static TheoryData<string> Versions => [.. CorpusFiles.Versions];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_stored_run_is_replayed_to_the_same_state_and_the_same_numbered_events(string version)
    {
        var corpus = CorpusFiles.Of(version);
        await using var database = await CorpusDatabase.UpgradedAsync(corpus);
        var stores = new Database(database.DataSource);
        Assert.NotEmpty(corpus.Runs);
        foreach (var expected in corpus.Runs)
        {
            var replay = await ReplayAsync(stores, await LogAsync(database, expected.RunId), expected.RunId);

            Assert.Equal(expected.Status, replay.Run.Status.Name());
            Assert.Equal(expected.Stats, replay.Stats);
            Assert.Equal(expected.Nodes, replay.Nodes);
            Assert.Equal(expected.Events, replay.Events);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_stored_snapshot_is_restored_and_goes_on_to_the_same_state(string version)
    {
        var corpus = CorpusFiles.Of(version);
        await using var database = await CorpusDatabase.UpgradedAsync(corpus);
        var stores = new Database(database.DataSource);
        foreach (var expected in corpus.Runs)
        {
            var replay = await ReplayAsync(stores, await LogAsync(database, expected.RunId), expected.RunId);
            var whole = replay.Run;

            var restored = replay.FromSnapshot(expected.SnapshotAt, expected.Snapshot);

            Assert.Equal(whole.Status, restored.Status);
            Assert.Equal(RunStatsJson.ToUtf8(whole.Stats, whole.Warnings), RunStatsJson.ToUtf8(restored.Stats, restored.Warnings));
            Assert.Equal(expected.Nodes, replay.Nodes);
            Assert.Equal(whole.InFlight.Select(execution => execution.Id), restored.InFlight.Select(execution => execution.Id));
        }

        // At least one run was long enough that its silo wrote a snapshot.
        Assert.Contains(corpus.Rows, row => row.Table == "run_snapshots");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task An_unfinished_run_of_an_upgraded_database_goes_on_and_state_of_grains_is_read(string version)
    {
        var corpus = CorpusFiles.Of(version);
        var runId = corpus.Runs.Single(run => run.Name == RunningName).RunId;
        // The clock shows the time of the corpus: much later the run would have gone on for too long.
        await using var cluster = GrainCluster.On(await CorpusDatabase.UpgradedAsync(corpus), new ClusterSetup { Clock = new ManualClock() });

        var resumed = await cluster.RecoverAsync();
        await cluster.Blocks.Gate(RunningName).ArrivalAsync();
        cluster.Blocks.Gate(RunningName).Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal([runId], resumed.Select(summary => summary.Id));
        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(["\"hello\""], run.Results("result"));
        Assert.Equal((0, 1), (cluster.Blocks.Starts("priced"), cluster.Blocks.Starts("waiting")));
        Assert.Equal((1, 2), (run.The("priced").Row.Attempt, run.The("waiting").Row.Attempt));
        Assert.Single(await cluster.ChargesAsync(), charge => charge.Key == run.The("priced").Row.Id.ToString());
        Assert.Equal("Asia/Kathmandu", await cluster.Grains.GetGrain<IUserGrain>(GrainCluster.User).GetTimeZone());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_message_is_read_with_all_that_it_said(string version)
    {
        var types = SampleMessages.Types.ToDictionary(Alias, StringComparer.Ordinal);
        using var services = Serialization();
        var serializer = services.GetRequiredService<Serializer>();
        foreach (var sent in CorpusFiles.Of(version).Messages)
        {
            Assert.True(types.TryGetValue(sent.Alias, out var type), $"No type has the alias {sent.Alias} any more.");

            var received = serializer.Deserialize<object>(Convert.FromBase64String(sent.Bytes));

            Assert.IsType(type!, received);
            Holds(JsonElement.Parse(sent.Json), JsonElement.Parse(JsonSerializer.Serialize(received, type!)), sent.Alias);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_message_requires_nothing_that_the_version_did_not_send(string version)
    {
        var types = SampleMessages.Types.ToDictionary(Alias, StringComparer.Ordinal);
        foreach (var sent in CorpusFiles.Of(version).Messages.Where(sent => types.ContainsKey(sent.Alias)))
        {
            var known = JsonElement.Parse(sent.Json);
            if (known.ValueKind != JsonValueKind.Object) continue;
            var required = types[sent.Alias].GetProperties().Where(property => property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute), inherit: false));
            Assert.All(required, property => Assert.True(known.TryGetProperty(property.Name, out _), $"{sent.Alias}.{property.Name} is required, and version {version} does not send it."));
        }
    }

    /// <summary>
    /// Writes the corpus of the version that runs. Run it once when a version is released, and never again for that version:
    /// <c>GRAINFLOW_RECORD=1 Grainflow.Grains.Tests -explicit only -method "*Record_the_corpus_of_this_version*"</c>. Other runs of the explicit tests skip it.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Record_the_corpus_of_this_version()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("GRAINFLOW_RECORD") is { Length: > 0 }, "It would write over the corpus of this version. docs/upgrades.md says when to record it.");
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = new ManualClock(), Options = options => options.SnapshotEvery = 10 });
        var runs = new Dictionary<Guid, string>();
        Assert.True(await cluster.Grains.GetGrain<IUserGrain>(GrainCluster.User).SetTimeZone("Asia/Kathmandu"));
        await cluster.Wallet().GetBalance();

        var child = cluster.NewAgent("Child").Input("text").Node("priced", TestBlocks.PricedStep, """{"tier": 5}""").Output("result").Link("text.result", "priced.value").Link("priced.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Input("text").Agent("agent", child).Node("bad", TestBlocks.Failing, """{"outputs": 2, "message": "no \"é\""}""").Output("result")
            .Link("text.result", "agent.text").Link("agent.result", "bad.value").Link("agent.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);
        var outer = await cluster.EndOfAsync(await cluster.StartRunAsync(parent, new { text = "hi" }));
        runs.Add(outer.Row.Id, "a sub-agent, a price and a failure");
        foreach (var inner in await ChildrenAsync(cluster, outer.Row.Id)) runs.Add(inner, "the run of the sub-agent");

        var stream = cluster.NewAgent("Stream").Node("stream", TestBlocks.Stream, """{"count": 12}""").Node("pure", TestBlocks.PureStep).Node("step", TestBlocks.Step, """{"gate": "stream"}""").Output("result")
            .Link("stream.value", "pure.value").Link("pure.value", "result.value").Link("stream.value", "step.value").Build();
        await cluster.StoreAsync(stream);
        cluster.Blocks.Gate("stream").Open();
        runs.Add((await cluster.EndOfAsync(await cluster.StartRunAsync(stream))).Row.Id, "many outputs and a snapshot");

        var stopped = cluster.NewAgent("Stopped").Node("waiting", TestBlocks.Step, """{"gate": "never"}""").Build();
        await cluster.StoreAsync(stopped);
        var stop = await cluster.StartRunAsync(stopped);
        await cluster.Blocks.Gate("never").ArrivalAsync();
        await cluster.Run(stop).Stop(GrainCluster.User);
        runs.Add((await cluster.EndOfAsync(stop)).Row.Id, "stopped");

        runs.Add(await TakenOverAsync(cluster), "taken over by another silo");
        runs.Add(await WaitingAsync(cluster, RunningName), RunningName);

        var expected = new List<ExpectedRun>();
        var stores = new Database(cluster.Database.DataSource);
        foreach (var (runId, name) in runs.OrderBy(run => run.Key))
        {
            var replay = await ReplayAsync(stores, await cluster.EventsAsync(runId), runId);
            var view = await cluster.ViewAsync(runId);
            Assert.Equal(view.Nodes.Select(node => $"{node.Row.NodeId} {node.Row.Status} {node.Row.Attempt}"), replay.Nodes);
            var (sequence, body) = replay.SnapshotInTheMiddle();
            expected.Add(new ExpectedRun(runId, name, replay.Run.Status.Name(), replay.Stats, replay.Nodes, replay.Events, sequence, body));
        }

        await cluster.KillAsync();
        CorpusFiles.Of(CorpusFiles.Present).Write(await CorpusDatabase.ReadAsync(cluster.Database), expected, Messages());
    }

    /// <summary>A run that waits at the gate of a name, after a node that was charged.</summary>
    private static async Task<Guid> WaitingAsync(GrainCluster cluster, string gate)
    {
        var agent = cluster.NewAgent("Waiting").Input("text").Node("priced", TestBlocks.PricedStep, """{"tier": 5}""").Node("waiting", TestBlocks.Step, $$"""{"gate": "{{gate}}"}""").Output("result")
            .Link("text.result", "priced.value").Link("priced.value", "waiting.value").Link("waiting.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent, new { text = "hello" });
        await cluster.Blocks.Gate(gate).ArrivalAsync();
        return runId;
    }

    private static async Task<Guid> TakenOverAsync(GrainCluster cluster)
    {
        var runId = await WaitingAsync(cluster, "taken over");
        await cluster.KillAsync();
        await cluster.RecoverAsync();
        await cluster.Blocks.Gate("taken over").ArrivalAsync();
        cluster.Blocks.Gate("taken over").Open();
        await cluster.EndOfAsync(runId);
        return runId;
    }

    private static async Task<List<Guid>> ChildrenAsync(GrainCluster cluster, Guid runId)
    {
        await using var command = cluster.Database.DataSource.CreateCommand("SELECT id FROM runs WHERE parent_run_id = $1 ORDER BY id");
        command.Parameters.AddWithValue(runId);
        await using var reader = await command.ExecuteReaderAsync();
        var children = new List<Guid>();
        while (await reader.ReadAsync()) children.Add(reader.GetGuid(0));
        return children;
    }

    private static async Task<Replay> ReplayAsync(Database stores, IReadOnlyList<LoggedEvent> log, Guid runId)
    {
        var row = await new RunStore(stores).FindAsync(runId, CancellationToken.None);
        var graph = await new GraphStore(stores).FindForRunAsync(new GraphKey(row!.GraphId, row.GraphVersion), CancellationToken.None);
        return new Replay(GraphDocument.Read(graph!.Document.Span), new TestBlocks(), row, log);
    }

    private static async Task<IReadOnlyList<LoggedEvent>> LogAsync(TestDatabase database, Guid runId)
    {
        await using var services = new ServiceCollection().AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton<IFatalErrors, NoFatalErrors>().AddGrainflowStorage(database.ConnectionString).BuildServiceProvider();
        var events = new List<LoggedEvent>();
        await foreach (var logged in services.GetRequiredService<IExecutionLog>().ReadAsync(runId, 0, CancellationToken.None)) events.Add(logged);
        return events;
    }

    private sealed class NoFatalErrors : IFatalErrors
    {
        public void Report(string part, Exception error) => throw new InvalidOperationException(part, error);
    }

    private static List<StoredMessage> Messages()
    {
        using var services = Serialization();
        var serializer = services.GetRequiredService<Serializer>();
        var samples = new SampleMessages();
        var messages = new List<StoredMessage>();
        foreach (var type in SampleMessages.Types)
        {
            var message = samples.Of(type);
            messages.Add(new StoredMessage(Alias(type), JsonSerializer.Serialize(message, type), Convert.ToBase64String(serializer.SerializeToArray(message))));
        }

        return messages;
    }

    private static ServiceProvider Serialization() => new ServiceCollection().AddSerializer().BuildServiceProvider();

    private static string Alias(Type type) => type.GetCustomAttributes(typeof(AliasAttribute), inherit: false).Cast<AliasAttribute>().Single().Alias;

    /// <summary>Asserts that a value has every member of an earlier one with the same value; it may have more.</summary>
    private static void Holds(JsonElement earlier, JsonElement now, string path)
    {
        if (earlier.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in earlier.EnumerateObject())
            {
                Assert.True(now.TryGetProperty(member.Name, out var value), $"{path}.{member.Name} is gone.");
                Holds(member.Value, value, $"{path}.{member.Name}");
            }
        }
        else if (earlier.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(earlier.GetArrayLength(), now.GetArrayLength());
            for (var i = 0; i < earlier.GetArrayLength(); i++) Holds(earlier[i], now[i], $"{path}[{i}]");
        }
        else
        {
            Assert.Equal($"{path} {earlier.GetRawText()}", $"{path} {now.GetRawText()}");
        }
    }
}
