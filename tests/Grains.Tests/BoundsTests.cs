using Grainflow.Engine.Execution;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class BoundsTests
{
    [Theory]
    [InlineData(TestBlocks.Stream, """{"count": 1, "bytes": 1000}""")]
    [InlineData(HeldComputation.Id, """{"value": "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"}""")]
    public async Task An_output_that_is_too_large_fails_its_node_with_a_reason_that_the_user_reads(string block, string constants)
    {
        await using var cluster = await StartAsync(limits => limits with { MaxOutputBytes = 100 });
        var agent = cluster.NewAgent().Node("large", block, constants).Output("failure").Link("large.error", "failure.value").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal(("COMPLETED", "FAILED"), (run.Status, run.The("large").Row.Status));
        Assert.Matches("^An output on 'value' has [0-9]+ bytes; the limit is 100 \\(MAX_OUTPUT_BYTES\\)\\.$", run.The("large").Row.Error);
        Assert.Single(run.Results("failure"));
        Assert.Empty(run.Outputs("large", "value"));
    }

    [Fact]
    public async Task A_node_that_emits_without_end_fails_at_the_limit_and_keeps_what_it_gave()
    {
        await using var cluster = await StartAsync(limits => limits with { MaxOutputsPerExecution = 50 });
        var agent = cluster.NewAgent().Node("endless", TestBlocks.Stream).Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal(("COMPLETED", "FAILED"), (run.Status, run.The("endless").Row.Status));
        Assert.Equal("The node has emitted 50 outputs, which is the limit (MAX_OUTPUTS_PER_NODE_EXECUTION).", run.The("endless").Row.Error);
        Assert.Equal(50, run.Outputs("endless", "value").Count);
    }

    [Fact]
    public async Task Values_that_pile_up_in_a_run_end_it_as_failed()
    {
        await using var cluster = await StartAsync(limits => limits with { MaxCreatedExecutions = 100 });
        var agent = cluster.NewAgent().Node("endless", TestBlocks.Stream).Node("never", TestBlocks.Step, """{"gate": "g"}""").Node("both", TestBlocks.Step)
            .Link("endless.value", "both.value").Link("never.value", "both.other").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal("FAILED", run.Status);
        Assert.Contains("MAX_CREATED_NODE_EXECUTIONS_PER_RUN", run.Row.Error, StringComparison.Ordinal);
        Assert.Equal("TERMINATED", run.The("endless").Row.Status);
    }

    [Fact]
    public async Task A_sub_agent_whose_outputs_are_refused_is_stopped_and_counted_before_its_node_fails()
    {
        await using var cluster = await StartAsync(limits => limits with { MaxOutputsPerExecution = 5 });
        var child = cluster.NewAgent("Child");
        for (var i = 0; i < 3; i++)
            child.Node($"source{i}", TestBlocks.Stream, """{"count": 3}""").Output($"result{i}").Link($"source{i}.value", $"result{i}.value");
        var inner = child.Node("priced", TestBlocks.PricedStep, """{"tier": 5, "gate": "g"}""").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", inner).Build();
        await cluster.StoreAsync(parent, inner);

        var run = await cluster.EndOfAsync(await cluster.StartRunAsync(parent));

        Assert.Equal(("FAILED", "The node has emitted 5 outputs, which is the limit (MAX_OUTPUTS_PER_NODE_EXECUTION)."), (run.The("sub").Row.Status, run.The("sub").Row.Error));
        var sub = await cluster.ViewAsync(NodeExecutionIds.ChildRun(run.The("sub").Row.Id));
        Assert.Equal("TERMINATED", sub.Status);
        Assert.Equal((await cluster.ChargesAsync()).Sum(charge => charge.Credits), run.Stat("cost"));
    }

    private static Task<GrainCluster> StartAsync(Func<RunLimits, RunLimits> change) =>
        GrainCluster.StartAsync(new ClusterSetup { Options = options => options.RunLimits = change(options.RunLimits) });
}
