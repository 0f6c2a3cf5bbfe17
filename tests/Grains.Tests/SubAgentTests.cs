using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class SubAgentTests
{
    [Fact]
    public async Task A_sub_agent_relays_its_outputs_under_their_names_in_order_while_it_runs()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Input("text")
            .Node("stream", TestBlocks.Stream, """{"count": 20, "gate": "end"}""").Output("numbers").Output("echo")
            .Link("stream.value", "numbers.value").Link("text.result", "echo.value").Build();
        var parent = cluster.NewAgent("Parent").Input("word").Agent("sub", child).Output("first").Output("second")
            .Link("word.result", "sub.text").Link("sub.numbers", "first.value").Link("sub.echo", "second.value").Build();
        await cluster.StoreAsync(parent, child);

        var runId = await cluster.StartRunAsync(parent, new { word = "hello" });
        await cluster.Blocks.Gate("end").ArrivalAsync();
        var running = await cluster.UntilAsync(runId, run => run.Results("first").Count == 20, "that has the child's outputs");
        cluster.Blocks.Gate("end").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("RUNNING", running.The("sub").Row.Status);
        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"\"{i}\"").Order(StringComparer.Ordinal), run.Results("first").Order(StringComparer.Ordinal));
        Assert.Equal(await LoggedAsync(cluster, NodeExecutionIds.ChildRun(run.The("sub").Row.Id), "numbers"), run.Results("first"));
        Assert.Equal(["\"hello\""], run.Results("second"));
    }

    [Fact]
    public async Task The_run_of_a_sub_agent_follows_from_the_node_execution_and_its_cost_and_steps_are_added()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("priced", TestBlocks.PricedStep, """{"tier": 5}""").Output("result").Link("priced.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Node("own", TestBlocks.PricedStep, """{"tier": 10}""").Agent("sub", child).Build();
        await cluster.StoreAsync(parent, child);

        var runId = await cluster.StartRunAsync(parent);
        var run = await cluster.EndOfAsync(runId);

        var childRun = await cluster.ViewAsync(NodeExecutionIds.ChildRun(run.The("sub").Row.Id));
        Assert.Equal((runId, runId, run.The("sub").Row.Id), (childRun.Row.RootRunId, childRun.Row.ParentRunId, childRun.Row.ParentNodeExecutionId));
        Assert.Equal(("COMPLETED", 5, 2), (childRun.Status, childRun.Stat("cost"), childRun.Stat("node_exec_count")));
        Assert.Equal((15, 4), (run.Stat("cost"), run.Stat("node_exec_count")));
        Assert.Equal([(childRun.The("priced").Row.Id.ToString(), 5), (run.The("own").Row.Id.ToString(), 10L)], (await cluster.ChargesAsync()).OrderBy(charge => charge.Credits));
    }

    [Fact]
    public async Task A_sub_agent_that_ends_badly_fails_its_node_with_its_status_and_the_run_goes_on()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("dear", TestBlocks.PricedStep, """{"tier": 2000}""").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child)
            .Node("other", TestBlocks.Step).Build();
        await cluster.StoreAsync(parent, child);

        var run = await cluster.EndOfAsync(await cluster.StartRunAsync(parent));

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal("FAILED", run.The("sub").Row.Status);
        Assert.Equal("The sub-agent ended FAILED: Insufficient balance of credits: this step costs 2000.", run.The("sub").Row.Error);
        Assert.Single(run.Outputs("sub", "error"));
        Assert.Equal("COMPLETED", run.The("other").Row.Status);
    }

    [Fact]
    public async Task A_sub_agent_that_is_stopped_fails_its_node()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Build();
        await cluster.StoreAsync(parent, child);
        var runId = await cluster.StartRunAsync(parent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.Run(NodeExecutionIds.ChildRun(NodeExecutionIds.Derive(runId, 0))).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", "FAILED", "The sub-agent ended TERMINATED"), (run.Status, run.The("sub").Row.Status, run.The("sub").Row.Error));
    }

    [Fact]
    public async Task A_sub_agent_that_cannot_run_fails_its_node_with_the_reason()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").NumberInput("count").Output("result").Link("count.result", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Input("count").Agent("sub", child).Link("count.result", "sub.count").Build();
        await cluster.StoreAsync(parent, child);

        var run = await cluster.EndOfAsync(await cluster.StartRunAsync(parent, new { count = "infinity" }));

        Assert.Equal("COMPLETED", run.Status);
        Assert.StartsWith("The sub-agent cannot run: Input 'count'", run.The("sub").Row.Error, StringComparison.Ordinal);
        Assert.Null(await cluster.Runs.FindAsync(NodeExecutionIds.ChildRun(run.The("sub").Row.Id), CancellationToken.None));
    }

    [Fact]
    public async Task Masks_are_passed_on_to_sub_agents()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("inner", TestBlocks.Step, """{"value": "constant"}""").Output("result").Link("inner.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);
        var runId = cluster.Ids.NewId();

        await cluster.Run(runId).Start(GrainCluster.Command(parent) with
        {
            Masks = JsonPayload.Wrap("""{"inner": {"value": "masked"}}"""u8.ToArray()),
        });

        Assert.Equal(["\"masked\""], (await cluster.EndOfAsync(runId)).Results("result"));
    }

    [Fact]
    public async Task Agents_may_run_agents_ten_deep_and_no_deeper()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graphs = new List<Graph> { cluster.NewAgent("Deepest").Node("step", TestBlocks.Step, """{"value": 1}""").Output("result").Link("step.value", "result.value").Build() };
        for (var level = 0; level < 11; level++)
        {
            graphs.Insert(0, cluster.NewAgent($"Level {level}").Agent("sub", graphs[0])
                .Output("result").Link("sub.result", "result.value").Build());
        }

        await cluster.StoreAsync([.. graphs]);

        var within = await cluster.EndOfAsync(await cluster.StartRunAsync(graphs[1]));
        var beyond = await cluster.EndOfAsync(await cluster.StartRunAsync(graphs[0]));

        Assert.Equal(["1"], within.Results("result"));
        Assert.Empty(beyond.Results("result"));
        Assert.Equal("COMPLETED", beyond.Status);
        var eleventh = beyond;
        for (var depth = 0; depth < 10; depth++) eleventh = await cluster.ViewAsync(NodeExecutionIds.ChildRun(eleventh.The("sub").Row.Id));
        Assert.Equal("The sub-agent cannot run: Agents may run agents 10 deep; this would be 11.", eleventh.The("sub").Row.Error);
    }

    /// <summary>What the executions of an output node gave, in the order of the log.</summary>
    private static async Task<IEnumerable<string>> LoggedAsync(GrainCluster cluster, Guid runId, string nodeId)
    {
        var executions = (await cluster.ViewAsync(runId)).Of(nodeId).Select(node => node.Row.Id).ToHashSet();
        return (await cluster.EventsAsync(runId))
            .Where(logged => logged.Output is { Pin: "output" } output && executions.Contains(output.NodeExecutionId))
            .Select(logged => System.Text.Encoding.UTF8.GetString(logged.Output!.Value.Span));
    }
}
