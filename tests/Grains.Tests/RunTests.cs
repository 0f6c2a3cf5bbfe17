using System.Text;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

public sealed class RunTests
{
    [Fact]
    public async Task A_run_records_its_outputs_and_the_rows_of_its_nodes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Input("text").Node("step", TestBlocks.Step).Output("result")
            .Link("text.result", "step.value").Link("step.value", "result.value").Build();

        var run = await cluster.RunToEndAsync(agent, new { text = "hello" });

        Assert.Equal("COMPLETED", run.Status);
        Assert.Null(run.Row.Error);
        Assert.Equal(["\"hello\""], run.Results("result"));
        Assert.Equal(["text", "step", "result"], run.Nodes.Select(node => node.Row.NodeId));
        Assert.All(run.Nodes, node => Assert.Equal(("COMPLETED", 1), (node.Row.Status, node.Row.Attempt)));
        Assert.Equal([0, 1, 2], run.Nodes.Select(node => node.Row.Ordinal));
        Assert.Equal("""{"value":"hello"}""", Encoding.UTF8.GetString(run.The("step").Row.Input!.Value.Span));
    }

    [Fact]
    public async Task Starting_the_same_run_twice_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = OneStep(cluster);
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        var first = await cluster.EndOfAsync(runId);

        var again = await cluster.Run(runId).Start(GrainCluster.Command(agent, new { other = 1 }));

        Assert.True(again.Accepted);
        var second = await cluster.ViewAsync(runId);
        Assert.Equal(first.Row.EndedAt, second.Row.EndedAt);
        Assert.Equal("{}", Encoding.UTF8.GetString(second.Row.Inputs.Span));
        Assert.Equal(1, cluster.Blocks.Starts("step"));
    }

    [Fact]
    public async Task Starting_the_same_run_many_times_at_once_runs_it_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = OneStep(cluster);
        await cluster.StoreAsync(agent);
        var runId = cluster.Ids.NewId();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cluster.Run(runId).Start(GrainCluster.Command(agent))));

        Assert.All(answers, answer => Assert.True(answer.Accepted));
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
        Assert.Equal(1, cluster.Blocks.Starts("step"));
    }

    [Fact]
    public async Task A_request_key_that_another_run_has_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = OneStep(cluster);
        await cluster.StoreAsync(agent);
        var command = GrainCluster.Command(agent) with { RequestKey = "once" };
        Assert.True((await cluster.Run(cluster.Ids.NewId()).Start(command)).Accepted);

        var second = cluster.Ids.NewId();
        var answer = await cluster.Run(second).Start(command);

        Assert.False(answer.Accepted);
        Assert.Contains("once", Assert.Single(answer.Problems).Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Runs.FindAsync(second, CancellationToken.None));
    }

    [Theory]
    [InlineData("the graph of another user")]
    [InlineData("an unknown graph")]
    [InlineData("an unknown version")]
    public async Task A_graph_that_the_user_does_not_have_is_not_found(string what)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = OneStep(cluster);
        await cluster.StoreAsync(agent);
        var command = GrainCluster.Command(agent);
        command = what switch
        {
            "the graph of another user" => command with { UserId = "user-2" },
            "an unknown graph" => command with { GraphId = cluster.Ids.NewId() },
            _ => command with { GraphVersion = 2 },
        };

        var answer = await RefusedAsync(cluster, command);

        Assert.Matches($"^Graph #{command.GraphId}( version [12])? not found\\.$", Assert.Single(answer.Problems).Message);
    }

    [Fact]
    public async Task Invalid_input_is_refused_and_nothing_is_stored()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().NumberInput("count").Output("result").Link("count.result", "result.value").Build();
        await cluster.StoreAsync(agent);

        var answer = await RefusedAsync(cluster, GrainCluster.Command(agent, new { count = "infinity" }));

        var problem = Assert.Single(answer.Problems);
        Assert.Contains("count", problem.Message, StringComparison.Ordinal);
        Assert.Equal("count", problem.NodeId);
    }

    [Fact]
    public async Task A_refused_start_can_be_followed_by_a_good_one_with_the_same_id()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().NumberInput("count").Output("result").Link("count.result", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = cluster.Ids.NewId();
        Assert.False((await cluster.Run(runId).Start(GrainCluster.Command(agent, new { count = "infinity" }))).Accepted);

        Assert.True((await cluster.Run(runId).Start(GrainCluster.Command(agent, new { count = 3 }))).Accepted);

        Assert.Equal(["3"], (await cluster.EndOfAsync(runId)).Results("result"));
    }

    [Fact]
    public async Task The_run_of_another_user_does_not_exist_for_its_caller()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = OneStep(cluster);
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.EndOfAsync(runId);

        Assert.Null(await cluster.Run(runId).GetState("user-2"));
        Assert.False(await cluster.Run(runId).Stop("user-2"));
        var start = await cluster.Run(runId).Start(GrainCluster.Command(agent, user: "user-2"));
        Assert.False(start.Accepted);
        Assert.Equal($"Run #{runId} not found.", Assert.Single(start.Problems).Message);
        Assert.Null(await cluster.Run(cluster.Ids.NewId()).GetState(GrainCluster.User));
    }

    [Fact]
    public async Task The_state_shows_only_what_is_committed()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = OneStep(cluster, """{"gate": "g"}""");
        await cluster.StoreAsync(agent);
        var ending = new TaskCompletionSource();
        var letOn = new TaskCompletionSource();
        cluster.Faults.OnFirstAppend(commit => commit.Events.Any(logged => logged.Kind == "run_ended"), async append =>
        {
            ending.SetResult();
            await letOn.Task;
            return await append();
        });

        var runId = await cluster.StartRunAsync(agent);
        cluster.Blocks.Gate("g").Open();
        await ending.Task.WaitAsync(GrainCluster.Patience);
        var before = await cluster.Run(runId).GetState(GrainCluster.User);
        letOn.SetResult();
        await cluster.EndOfAsync(runId);
        var after = await cluster.Run(runId).GetState(GrainCluster.User);

        Assert.Equal("RUNNING", before!.Status);
        Assert.Equal("COMPLETED", after!.Status);
        Assert.True(before.Sequence < after.Sequence);
    }

    [Fact]
    public async Task Times_and_measures_are_those_of_the_clock()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step, """{"gate": "g", "value": "abc"}""").Output("result")
            .Link("step.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var begin = clock.GetUtcNow();

        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var running = await cluster.ViewAsync(runId);
        clock.Advance(TimeSpan.FromSeconds(7));
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("RUNNING", "RUNNING"), (running.Status, running.The("step").Row.Status));
        Assert.Null(running.Row.EndedAt);
        Assert.Equal((begin, begin, begin, begin.AddSeconds(7)), (run.Row.CreatedAt, run.Row.QueuedAt, run.Row.StartedAt, run.Row.EndedAt));
        var step = run.The("step").Row;
        Assert.Equal((begin, begin, begin, begin.AddSeconds(7)), (step.AddedAt, step.QueuedAt, step.StartedAt, step.EndedAt));
        Assert.Equal(begin.AddSeconds(7), run.The("result").Row.AddedAt);
        Assert.Equal(7, run.Stats.GetProperty("duration").GetDouble());
        Assert.Equal(7, run.Stats.GetProperty("node_exec_time").GetDouble());
        Assert.Equal((2, 0, 0), (run.Stat("node_exec_count"), run.Stat("node_error_count"), run.Stat("cost")));
        var state = await cluster.Run(runId).GetState(GrainCluster.User);
        Assert.Equal(run.Row.Stats!.Value.ToArray(), state!.Stats.Utf8.ToArray());
    }

    private static Engine.Graphs.Graph OneStep(GrainCluster cluster, string constants = "{}") =>
        cluster.NewAgent().Node("step", TestBlocks.Step, constants).Output("result").Link("step.value", "result.value").Build();

    private static async Task<StartRunResult> RefusedAsync(GrainCluster cluster, StartRun command)
    {
        var runId = cluster.Ids.NewId();
        var answer = await cluster.Run(runId).Start(command);
        Assert.False(answer.Accepted);
        Assert.Null(await cluster.Runs.FindAsync(runId, CancellationToken.None));
        Assert.Null(await cluster.Run(runId).GetState(command.UserId));
        return answer;
    }
}
