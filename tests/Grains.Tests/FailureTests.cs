using Grainflow.Engine.Execution;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class FailureTests
{
    [Fact]
    public async Task A_failed_node_sends_its_error_on_and_the_run_completes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("bad", TestBlocks.Failing, """{"outputs": 2, "message": "out of ink"}""").Output("result").Output("failure")
            .Link("bad.value", "result.value").Link("bad.error", "failure.value").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Null(run.Row.Error);
        Assert.Equal(["0", "1"], run.Results("result"));
        var error = Assert.Single(run.Outputs("bad", "error"));
        Assert.Contains("out of ink", error, StringComparison.Ordinal);
        Assert.Equal([error], run.Results("failure"));
        Assert.Equal("FAILED", run.The("bad").Row.Status);
        Assert.Contains("out of ink", run.The("bad").Row.Error, StringComparison.Ordinal);
        Assert.NotNull(run.The("bad").Row.EndedAt);
        Assert.Equal((4, 1), (run.Stat("node_exec_count"), run.Stat("node_error_count")));
    }

    [Fact]
    public async Task A_run_that_executes_too_many_nodes_fails_with_the_reason()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options => options.RunLimits = new RunLimits { MaxNodeExecutions = 20 },
        });
        var agent = cluster.NewAgent().Node("round", TestBlocks.Step).Node("start", TestBlocks.Step, """{"value": 1}""")
            .Link("start.value", "round.value").Link("round.value", "round.value").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal(("FAILED", "The run has executed 20 nodes, which is the limit."), (run.Status, run.Row.Error));
        Assert.Equal(19, cluster.Blocks.Starts("round"));
        Assert.Equal("FAILED", run.Of("round")[^1].Row.Status);
    }
}
