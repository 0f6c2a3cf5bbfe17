using System.Text;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests;

/// <summary>Effect-free nodes run before their dispatch is durable; nobody outside can notice, whatever fails (ADR 0014).</summary>
public sealed class RunAheadCrashTests
{
    [Fact]
    public async Task An_effect_free_node_runs_while_its_dispatch_is_written_and_an_effect_waits_until_it_is_durable()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = TwoSteps(cluster).Node("effect", TestBlocks.Step).Node("third", TestBlocks.PureStep, """{"gate": "h"}""")
            .Link("second.value", "effect.value").Link("second.value", "third.value").Build();
        await cluster.StoreAsync(agent);
        var written = HoldAnswers(cluster);

        var run = cluster.Run(cluster.Ids.NewId());
        var start = run.Start(GrainCluster.Command(agent));
        cluster.Blocks.Gate("g").Open();
        // It is dispatched together with the node that has an effect, and after it.
        await cluster.Blocks.Gate("h").ArrivalAsync();
        var before = (First: cluster.Blocks.Starts("first"), Second: cluster.Blocks.Starts("second"), Effect: cluster.Blocks.Starts("effect"));
        cluster.Blocks.Gate("h").Open();
        written.SetResult();
        await start;
        var end = await cluster.EndOfAsync(run.GetPrimaryKey());

        Assert.Equal((1, 1, 0), before);
        Assert.Equal(("COMPLETED", 1, 4), (end.Status, cluster.Blocks.Starts("effect"), end.Stat("node_exec_count")));
        Assert.Equal(["1"], end.Outputs("effect", "value"));
    }

    [Fact]
    public async Task What_ran_ahead_is_not_shown_before_it_is_durable()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = TwoSteps(cluster).Build();
        await cluster.StoreAsync(agent);
        var written = new TaskCompletionSource();
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            if (commit.Events.Any(logged => logged.Kind == "node_output")) await written.Task;
            return await append();
        };

        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var run = await cluster.ViewAsync(runId);
        var events = await cluster.KindsAsync(runId);
        var state = await cluster.Run(runId).GetState(GrainCluster.User);
        written.SetResult();
        cluster.Blocks.Gate("g").Open();
        await cluster.EndOfAsync(runId);

        // What was written before may be there already.
        Assert.Equal(new[] { "run_started", "node_dispatched" }.Take(events.Count), events);
        Assert.InRange(state!.Sequence, 0, 2);
        Assert.Empty(run.Outputs("first", "value"));
        Assert.Equal(["first"], run.Nodes.Select(node => node.Row.NodeId));
    }

    [Fact]
    public async Task What_ran_ahead_and_was_lost_runs_again_when_the_process_dies()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = cluster.NewAgent().Node("ticket", TestBlocks.Ticket).Node("waiting", TestBlocks.PureStep, """{"gate": "g"}""").Output("result")
            .Link("ticket.value", "waiting.value").Link("waiting.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var dispatched = new TaskCompletionSource();
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            if (commit.Events.Any(logged => logged.Kind == "node_output")) return await new TaskCompletionSource<CommitResult>().Task;
            var result = await append();
            if (commit.Events.Any(logged => logged.Kind == "node_dispatched")) dispatched.TrySetResult();
            return result;
        };
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        // Both nodes run ahead of the log, so the commit of the first dispatch may still be on its way.
        await dispatched.Task;

        await cluster.KillAsync();
        var left = await cluster.ViewAsync(runId);
        cluster.Faults.OnAppend = null;
        await cluster.RecoverAsync();
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(["RUNNING"], left.Nodes.Select(node => node.Row.Status));
        Assert.Equal(("COMPLETED", 2, 1), (run.Status, run.The("ticket").Row.Attempt, run.The("waiting").Row.Attempt));
        Assert.Equal((2, 2), (cluster.Blocks.Starts("ticket"), cluster.Blocks.Starts("waiting")));
        Assert.Equal(["2"], run.Results("result"));
        AssertReceivedWhatWasRecorded(agent, run);
    }

    [Fact]
    public async Task What_an_earlier_session_ran_ahead_and_lost_does_not_count_for_the_next()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = cluster.NewAgent().Node("ticket", TestBlocks.Ticket).Node("waiting", TestBlocks.PureStep, """{"gate": "g"}""").Output("result")
            .Link("ticket.value", "waiting.value").Link("waiting.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var lost = new TaskCompletionSource();
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            if (commit.Epoch > 0) return await append();
            await lost.Task;
            return new CommitResult(CommitOutcome.Stale, []);
        };
        var runId = cluster.Ids.NewId();
        var start = cluster.Run(runId).Start(GrainCluster.Command(agent));
        await cluster.Blocks.Gate("g").ArrivalAsync();

        lost.SetResult();
        await start;
        await cluster.Run(runId).Start(GrainCluster.Command(agent));
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.All(run.Nodes, node => Assert.Equal(("COMPLETED", 1), (node.Row.Status, node.Row.Attempt)));
        Assert.Equal((2, 2), (cluster.Blocks.Starts("ticket"), cluster.Blocks.Starts("waiting")));
        Assert.Equal(["2"], run.Results("result"));
        AssertReceivedWhatWasRecorded(agent, run);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_append_fails_every_node_has_received_what_was_recorded(int seed)
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        // Each value is another one when it is computed again, so a report of what was lost would show.
        var builder = cluster.NewAgent().Node("n0", TestBlocks.Ticket);
        for (var i = 1; i < 12; i++) builder.Node($"n{i}", i % 4 == 0 ? TestBlocks.Step : i % 4 == 1 ? TestBlocks.Ticket : TestBlocks.PureStep).Link($"n{i - 1}.value", $"n{i}.{(i % 4 == 1 ? "after" : "value")}");
        var agent = builder.Build();
        await cluster.StoreAsync(agent);
        var random = new Random(seed);
        var faults = 12;
        cluster.Faults.OnAppend = (_, append) =>
        {
            lock (random)
            {
                if (faults > 0 && random.Next(3) == 0)
                {
                    faults--;
                    return random.Next(3) switch
                    {
                        0 => Task.FromResult(new CommitResult(CommitOutcome.Stale, [])),
                        1 => WrittenAsync(append),
                        _ => Task.FromException<CommitResult>(new TimeoutException("The database is away.")),
                    };
                }
            }

            return append();
        };

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await cluster.EndOfAsync(await StartAsync(cluster, agent))));

        foreach (var run in runs)
        {
            Assert.Equal(("COMPLETED", 12), (run.Status, run.Nodes.Count));
            AssertReceivedWhatWasRecorded(agent, run);
        }
    }

    [Fact]
    public async Task A_run_does_not_get_further_ahead_of_its_log_than_a_bound()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var builder = cluster.NewAgent().Node("n0", TestBlocks.PureStep, """{"value": 1}""");
        for (var i = 1; i < 120; i++) builder.Node($"n{i}", TestBlocks.PureStep, i == 60 ? """{"gate": "g"}""" : "{}").Link($"n{i - 1}.value", $"n{i}.value");
        var agent = builder.Build();
        await cluster.StoreAsync(agent);
        var sent = 0;
        var full = new TaskCompletionSource();
        var written = HoldAnswers(cluster, commit =>
        {
            // Each step is three events: an output, an end and the next dispatch.
            if (Interlocked.Add(ref sent, commit.Events.Count) > 100) full.TrySetResult();
        });

        var runId = cluster.Ids.NewId();
        var start = cluster.Run(runId).Start(GrainCluster.Command(agent));
        await full.Task.WaitAsync(GrainCluster.Patience);
        var started = cluster.Blocks.Calls.Count;
        written.SetResult();
        await start;
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.InRange(started, 30, 36);
        Assert.Equal(("COMPLETED", 120), (run.Status, run.Stat("node_exec_count")));
    }

    [Fact]
    public async Task Every_fee_is_paid_before_its_block_starts()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { LogOptions = options => options.ExecutionCostCountThreshold = 5 });
        var builder = cluster.NewAgent().Node("n0", TestBlocks.PureStep, """{"value": 1}""");
        for (var i = 1; i < 22; i++) builder.Node($"n{i}", TestBlocks.PureStep).Link($"n{i - 1}.value", $"n{i}.value");
        var agent = builder.Build();
        var startedBefore = new List<int>();
        cluster.Faults.OnLedger = async apply =>
        {
            startedBefore.Add(cluster.Blocks.Calls.Count);
            return await apply();
        };

        var run = await cluster.RunToEndAsync(agent);

        var fees = run.Nodes.Where(node => node.Fee > 0).ToList();
        Assert.Equal(["n4", "n9", "n14", "n19"], fees.Select(node => node.Row.NodeId));
        Assert.Equal(fees.Select(node => (node.Row.Id.ToString(), 1L)), await cluster.ChargesAsync());
        // The first transaction is the grant of the month.
        Assert.Equal([0, 4, 9, 14, 19], startedBefore);
        Assert.Equal(("COMPLETED", 4), (run.Status, run.Stat("cost")));
    }

    [Fact]
    public async Task A_fee_that_cannot_be_paid_keeps_an_effect_free_block_from_starting()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options => options.NumUserCreditsRefill = 1,
            LogOptions = options => options.ExecutionCostCountThreshold = 3,
        });
        var builder = cluster.NewAgent().Node("n0", TestBlocks.PureStep, """{"value": 1}""");
        for (var i = 1; i < 9; i++) builder.Node($"n{i}", TestBlocks.PureStep).Link($"n{i - 1}.value", $"n{i}.value");

        var run = await cluster.RunToEndAsync(builder.Build());

        Assert.Equal(("FAILED", "Insufficient balance of credits: this step costs 1."), (run.Status, run.Row.Error));
        Assert.Equal("FAILED", run.The("n5").Row.Status);
        Assert.Equal(5, cluster.Blocks.Calls.Count);
        Assert.Single(await cluster.ChargesAsync());
    }

    [Fact]
    public async Task A_stop_ends_a_run_that_is_ahead_of_its_log()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = TwoSteps(cluster).Build();
        await cluster.StoreAsync(agent);
        var written = HoldAnswers(cluster);
        var runId = cluster.Ids.NewId();
        var start = cluster.Run(runId).Start(GrainCluster.Command(agent));
        await cluster.Blocks.Gate("g").ArrivalAsync();

        var stop = cluster.Run(runId).Stop(GrainCluster.User);
        written.SetResult();
        await start;
        Assert.True(await stop);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", "COMPLETED", "TERMINATED"), (run.Status, run.The("first").Row.Status, run.The("second").Row.Status));
    }

    /// <summary>Two effect-free nodes, one after the other; the second waits at gate <c>g</c>.</summary>
    private static AgentBuilder TwoSteps(GrainCluster cluster) => cluster.NewAgent()
        .Node("first", TestBlocks.PureStep, """{"value": 1}""").Node("second", TestBlocks.PureStep, """{"gate": "g"}""").Link("first.value", "second.value");

    /// <summary>Lets commits be written, but nobody hear of it until the result is set.</summary>
    private static TaskCompletionSource HoldAnswers(GrainCluster cluster, Action<RunCommit>? sent = null)
    {
        var written = new TaskCompletionSource();
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            var result = append();
            sent?.Invoke(commit);
            await written.Task;
            return await result;
        };
        return written;
    }

    /// <summary>Without the fee everything that is effect-free runs ahead, from the first dispatch on.</summary>
    private static ClusterSetup Free() => new() { LogOptions = options => options.ExecutionCostPerThreshold = 0 };

    private static async Task<CommitResult> WrittenAsync(Func<Task<CommitResult>> append)
    {
        await append();
        throw new TimeoutException("The answer got lost.");
    }

    /// <summary>Starts a run as a client does that repeats what was not answered.</summary>
    private static async Task<Guid> StartAsync(GrainCluster cluster, Graph agent)
    {
        var runId = cluster.Ids.NewId();
        while (true)
        {
            try
            {
                await cluster.Run(runId).Start(GrainCluster.Command(agent));
                return runId;
            }
            catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
            {
                TestContext.Current.TestOutputHelper?.WriteLine(exception.Message);
            }
        }
    }

    private static void AssertReceivedWhatWasRecorded(Graph agent, RunView run)
    {
        foreach (var link in agent.Links)
        {
            var given = run.Outputs(link.SourceId, link.SourceName);
            var received = run.Of(link.SinkId).Select(node => JsonValues.ParseUtf8(node.Row.Input!.Value.Span).GetProperty(link.SinkName).GetRawText());
            Assert.Equal(given, received);
        }

        foreach (var step in run.Nodes.Where(node => node.Row.BlockId is TestBlocks.PureStep or TestBlocks.Step))
        {
            var input = JsonValues.ParseUtf8(step.Row.Input!.Value.Span).GetProperty("value").GetRawText();
            Assert.Equal([input], step.Outputs.Select(output => Encoding.UTF8.GetString(output.Value.Span)));
        }
    }
}
