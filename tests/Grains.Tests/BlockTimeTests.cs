using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

/// <summary>A block may run for 30 minutes (decision 37).</summary>
public sealed class BlockTimeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_block_that_takes_too_long_is_cancelled_and_its_node_fails_with_the_reason()
    {
        await using var cluster = await StartAsync();
        var agent = cluster.NewAgent().Node("slow", TestBlocks.Step, """{"gate": "g"}""").Output("failure").Link("slow.error", "failure.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        _clock.Advance(Limit - TimeSpan.FromSeconds(1));
        var before = await cluster.ViewAsync(runId);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("RUNNING", before.The("slow").Row.Status);
        Assert.Equal(("COMPLETED", "FAILED"), (run.Status, run.The("slow").Row.Status));
        Assert.Equal(["\"The block did not end within 30 minutes and was stopped.\""], run.Results("failure"));
    }

    [Fact]
    public async Task A_block_that_waits_for_time_to_pass_may_take_longer_and_takes_no_place_from_others()
    {
        await using var cluster = await StartAsync(options => options.BlockPoolSize = 1);
        var waiting = cluster.NewAgent().Node("waiting", TestBlocks.WaitingStep, """{"gate": "g", "value": 1}""").Build();
        var other = cluster.NewAgent().Node("step", TestBlocks.Step, """{"value": 1}""").Build();
        await cluster.StoreAsync(waiting);
        await cluster.StoreAsAsync("other", other);
        var runId = await cluster.StartRunAsync(waiting);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        var beside = await cluster.StartRunAsync(other, user: "other");
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(beside)).Status);
        _clock.Advance(Limit + TimeSpan.FromMinutes(1));
        cluster.Blocks.Gate("g").Open();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).The("waiting").Row.Status);
    }

    [Theory]
    [InlineData(TestBlocks.Step, """{"gate": "g", "stubborn": true}""")]
    [InlineData(HeldComputation.Id, """{"value": "a", "held": true}""")]
    public async Task A_block_that_ignores_the_cancellation_is_left_behind_after_the_grace(string block, string input)
    {
        await using var cluster = await StartAsync();
        var agent = cluster.NewAgent().Node("stubborn", block, input).Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await (block == TestBlocks.Step ? cluster.Blocks.Gate("g").ArrivalAsync() : cluster.Blocks.Computation.ArrivalAsync());

        _clock.Advance(Limit);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var before = await cluster.ViewAsync(runId);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var run = await cluster.EndOfAsync(runId);
        cluster.Blocks.Gate("g").Open();
        cluster.Blocks.Computation.Open();

        Assert.Equal("RUNNING", before.The("stubborn").Row.Status);
        Assert.Equal("FAILED", run.The("stubborn").Row.Status);
    }

    [Fact]
    public async Task The_wait_for_a_place_in_the_pool_does_not_count()
    {
        await using var cluster = await StartAsync(options => options.BlockPoolSize = 1);
        var agent = cluster.NewAgent().Node("first", TestBlocks.Step, """{"gate": "g"}""").Node("second", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        _clock.Advance(Limit);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        _clock.Advance(Limit - TimeSpan.FromSeconds(1));
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(["COMPLETED", "FAILED"], run.Nodes.Select(node => node.Row.Status).Order(StringComparer.Ordinal));
    }

    private Task<GrainCluster> StartAsync(Action<GrainflowOptions>? change = null) => GrainCluster.StartAsync(new ClusterSetup
    {
        Clock = _clock,
        Options = options =>
        {
            options.CancelGrace = TimeSpan.FromSeconds(5);
            change?.Invoke(options);
        },
    });
}
