using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

public sealed class LogFaultTests
{
    private static readonly CommitResult Stale = new(CommitOutcome.Stale, []);

    [Theory]
    [InlineData("throws")]
    [InlineData("throws after it was written")]
    [InlineData("stale")]
    [InlineData("stale after it was written")]
    public async Task A_failed_append_throws_the_activation_away_and_the_nodes_report_again(string fault)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Streaming(cluster);
        cluster.Faults.OnFirstAppend(commit => commit.Events.Any(logged => logged.Kind == "node_output"), async append =>
        {
            if (fault.EndsWith("written", StringComparison.Ordinal)) await append();
            return fault.StartsWith("stale", StringComparison.Ordinal) ? Stale : throw new TimeoutException("The database is away.");
        });

        var run = await cluster.RunToEndAsync(agent);

        AssertWhole(cluster, run);
    }

    [Fact]
    public async Task A_run_gets_through_many_faults()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Streaming(cluster);
        var appends = 0;
        cluster.Faults.OnAppend = (_, append) => (Interlocked.Increment(ref appends) % 5) switch
        {
            3 => throw new TimeoutException("The database is away."),
            4 => Task.FromResult(Stale),
            _ => append(),
        };

        AssertWhole(cluster, await cluster.RunToEndAsync(agent));
    }

    [Fact]
    public async Task The_end_of_a_run_whose_append_failed_is_recorded_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Streaming(cluster);
        cluster.Faults.OnFirstAppend(commit => commit.Events.Any(logged => logged.Kind == "run_ended"), _ => Task.FromResult(Stale));

        var run = await cluster.RunToEndAsync(agent);

        AssertWhole(cluster, run);
        Assert.Single(await cluster.KindsAsync(run.Row.Id), kind => kind == "run_ended");
    }

    [Theory]
    [InlineData("run_started")]
    [InlineData("run_ended")]
    public async Task The_run_of_a_sub_agent_gets_through_a_fault_of_its_own(string at)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("step", TestBlocks.Step, """{"value": 1}""").Output("result").Link("step.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);
        var runId = cluster.Ids.NewId();
        var childRun = NodeExecutionIds.ChildRun(NodeExecutionIds.Derive(runId, 0));
        cluster.Faults.OnFirstAppend(
            commit => commit.RunId == childRun && commit.Events.Any(logged => logged.Kind == at), _ => throw new TimeoutException("The database is away."));

        await cluster.Run(runId).Start(GrainCluster.Command(parent));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", "COMPLETED"), (run.Status, run.The("sub").Row.Status));
        Assert.Equal(["1"], run.Results("result"));
        Assert.Equal("COMPLETED", (await cluster.ViewAsync(childRun)).Status);
        Assert.Equal(1, cluster.Blocks.Starts("step"));
    }

    [Fact]
    public async Task An_output_that_the_database_refuses_fails_its_node_and_the_run_goes_on()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("bad", TestBlocks.Step, """{"value": "poison"}""").Output("failure").Link("bad.error", "failure.value")
            .Node("good", TestBlocks.Step, """{"value": 1}""").Output("result").Link("good.value", "result.value").Build();
        cluster.Faults.OnAppend = (commit, append) =>
            commit.Events.Any(logged => logged.Output is { Pin: "value" } output && output.Value.Span.IndexOf("poison"u8) >= 0)
                ? Task.FromResult(new CommitResult(CommitOutcome.Rejected, [], "too strange"))
                : append();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal(("COMPLETED", 1), (run.Status, run.Stat("node_error_count")));
        Assert.Equal(("FAILED", "An output could not be stored: too strange"), (run.The("bad").Row.Status, run.The("bad").Row.Error));
        Assert.Equal(["\"An output could not be stored: too strange\""], run.Results("failure"));
        Assert.Empty(run.Outputs("bad", "value"));
        Assert.Equal(["1"], run.Results("result"));
        Assert.Equal(1, cluster.Blocks.Starts("bad"));
    }

    [Fact]
    public async Task A_stop_whose_append_failed_is_told_and_can_be_repeated()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Faults.OnFirstAppend(_ => true, _ => throw new TimeoutException("The database is away."));

        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Run(runId).Stop(GrainCluster.User));
        var between = await cluster.ViewAsync(runId);
        Assert.True(await cluster.Run(runId).Stop(GrainCluster.User));

        Assert.Equal("RUNNING", between.Status);
        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task A_stop_that_is_recorded_reaches_the_nodes_although_its_activation_was_thrown_away()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Faults.OnFirstAppend(_ => true, async append =>
        {
            await append();
            throw new TimeoutException("The answer got lost.");
        });

        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Run(runId).Stop(GrainCluster.User));
        await cluster.Run(runId).GetState(GrainCluster.User);

        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(runId)).Status);
        Assert.Single(await cluster.KindsAsync(runId), kind => kind == "stop_requested");
    }

    [Fact]
    public async Task A_repeated_report_is_not_accepted_before_the_first_one_is_durable()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var held = new TaskCompletionSource();
        var answer = new TaskCompletionSource<CommitResult>();
        cluster.Faults.OnFirstAppend(_ => true, _ =>
        {
            held.SetResult();
            return answer.Task;
        });
        var report = new Interfaces.Execution.NodeReportMessage
        {
            NodeExecutionId = NodeExecutionIds.Derive(runId, 0),
            Attempt = 1,
            FirstOrdinal = 0,
            Host = cluster.Services.GetRequiredService<SiloIdentity>().Name,
            Start = 1,
            Outputs = [new Interfaces.Execution.EmittedOutput { Pin = "value", Value = Interfaces.JsonPayload.EmptyObject }],
        };

        var first = cluster.Run(runId).Report(report);
        await held.Task.WaitAsync(GrainCluster.Patience);
        var repeated = cluster.Run(runId).Report(report);
        // Answered after the repeated report has been taken.
        await cluster.Run(runId).GetState(GrainCluster.User);
        answer.SetResult(Stale);

        await Assert.ThrowsAnyAsync<Exception>(() => first);
        await Assert.ThrowsAnyAsync<Exception>(() => repeated);
        Assert.Empty((await cluster.ViewAsync(runId)).Outputs("waiting", "value"));
        cluster.Blocks.Gate("g").Open();
        Assert.Equal(["null"], (await cluster.EndOfAsync(runId)).Outputs("waiting", "value"));
    }

    private static Graph Streaming(GrainCluster cluster) => cluster.NewAgent().Node("stream", TestBlocks.Stream, """{"count": 30}""")
        .Node("step", TestBlocks.Step).Output("result").Link("stream.value", "step.value").Link("step.value", "result.value").Build();

    private static void AssertWhole(GrainCluster cluster, RunView run)
    {
        var expected = Enumerable.Range(0, 30).Select(i => $"\"{i}\"").ToList();
        Assert.Equal(("COMPLETED", 0, 61), (run.Status, run.Stat("node_error_count"), run.Stat("node_exec_count")));
        Assert.Equal(expected, run.Outputs("stream", "value"));
        Assert.Equal(expected, run.Results("result"));
        Assert.All(run.Nodes, node => Assert.Equal(("COMPLETED", 1), (node.Row.Status, node.Row.Attempt)));
        Assert.Equal(1, cluster.Blocks.Starts("stream"));
        Assert.Equal(30, cluster.Blocks.Starts("step"));
    }
}
