using System.Text;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Catalogue;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Billing;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

/// <summary>Prices that depend on what the block uses: the maximum is taken first and settled at the end (decisions 9 and 32).</summary>
public sealed class MeteredPriceTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task The_maximum_is_taken_before_the_block_starts_and_the_rest_is_given_back_at_its_end()
    {
        await using var cluster = await StartAsync();
        var runId = await WaitAtGateAsync(cluster, """{"meter": "second", "gate": "g"}""");

        var before = await cluster.Wallet().GetBalance();
        _clock.Advance(TimeSpan.FromSeconds(7.9));
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal((1450, 50), (before, run.The("metered").Row.Price));
        Assert.Equal(("COMPLETED", 15L, 1485L), (run.Status, run.Stat("cost"), await cluster.Wallet().GetBalance()));
        Assert.Equal(15, await NetAsync(cluster));
        var reserved = JsonValues.ParseUtf8(Assert.Single(await cluster.LedgerOfAsync(), row => row.TransactionKey == run.The("metered").Row.Id.ToString()).Metadata.Span);
        Assert.True(reserved.GetProperty("reserved").GetBoolean());
        Assert.Equal("""{"meter":"second"}""", JsonValues.Compact(reserved.GetProperty("input")));
    }

    [Fact]
    public async Task Not_more_than_the_maximum_is_charged()
    {
        await using var cluster = await StartAsync();
        var runId = await WaitAtGateAsync(cluster, """{"meter": "second", "gate": "g"}""");

        _clock.Advance(TimeSpan.FromSeconds(26));
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal((50L, 1450L), (run.Stat("cost"), await cluster.Wallet().GetBalance()));
    }

    [Theory]
    [InlineData("""{"meter": "byte"}""", 6)] // 16 bytes in and 4 out.
    [InlineData("""{"meter": "byte", "value": 1}""", 9)] // 26 bytes in and 1 out.
    [InlineData("""{"meter": "items", "items": 3}""", 3)]
    [InlineData("""{"meter": "items"}""", 0)]
    [InlineData("""{"meter": "cost_usd", "cost_usd": 0.011}""", 2)]
    [InlineData("""{"meter": "tokens", "sent": 1500, "received": 800}""", 5)]
    [InlineData("""{"meter": "tokens", "sent": 1500000}""", 20)]
    public async Task Each_type_of_price_is_settled_by_what_it_measures(string input, long credits)
    {
        await using var cluster = await StartAsync();

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("metered", TestBlocks.MeteredStep, input).Build());

        Assert.Equal(("COMPLETED", credits, 1500 - credits), (run.Status, run.Stat("cost"), await cluster.Wallet().GetBalance()));
    }

    [Theory]
    [InlineData("""{"meter": "items", "items": 3}""", ExecuteBlockOutcome.Completed, 3)]
    [InlineData("""{"meter": "items", "items": 2, "failing": true}""", ExecuteBlockOutcome.Failed, 2)]
    [InlineData("""{"meter": "byte", "value": 1}""", ExecuteBlockOutcome.Completed, 9)]
    public async Task A_block_that_is_executed_by_itself_is_settled_once_however_often_the_operation_is_repeated(string input, ExecuteBlockOutcome outcome, long credits)
    {
        await using var cluster = await StartAsync();
        var command = new ExecuteBlock { UserId = GrainCluster.User, Input = JsonPayload.Wrap(Encoding.UTF8.GetBytes(input)), OperationId = Guid.NewGuid() };

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(outcome, (await cluster.Grains.GetGrain<IBlockGrain>(TestBlocks.MeteredStep).Execute(command)).Outcome);
            Assert.Equal(1500 - credits, await cluster.Wallet().GetBalance());
        }

        Assert.Equal(2, (await cluster.LedgerOfAsync()).Count(row => row.TransactionKey.StartsWith(command.OperationId.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_block_that_fails_costs_what_it_has_used()
    {
        await using var cluster = await StartAsync();

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("metered", TestBlocks.MeteredStep, """{"meter": "items", "items": 2, "failing": true}""").Build());

        Assert.Equal(("FAILED", 2L, 1498L), (run.The("metered").Row.Status, run.Stat("cost"), await cluster.Wallet().GetBalance()));
    }

    [Fact]
    public async Task A_block_that_is_stopped_costs_what_it_has_used()
    {
        await using var cluster = await StartAsync();
        var runId = await WaitAtGateAsync(cluster, """{"meter": "second", "gate": "g"}""");

        _clock.Advance(TimeSpan.FromSeconds(4));
        await cluster.Run(runId).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", 8L, 1492L), (run.The("metered").Row.Status, run.Stat("cost"), await cluster.Wallet().GetBalance()));
    }

    [Fact]
    public async Task A_block_that_takes_too_long_costs_what_it_has_used()
    {
        await using var cluster = await StartAsync(options => options.BlockTimeLimit = TimeSpan.FromSeconds(10));
        var runId = await WaitAtGateAsync(cluster, """{"meter": "second", "gate": "g"}""");

        _clock.Advance(TimeSpan.FromSeconds(10));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("FAILED", 20L, 1480L), (run.The("metered").Row.Status, run.Stat("cost"), await cluster.Wallet().GetBalance()));
    }

    [Fact]
    public async Task The_fee_is_not_given_back()
    {
        await using var cluster = await StartAsync(threshold: 1);

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("metered", TestBlocks.MeteredStep, """{"meter": "items", "items": 2}""").Build());

        Assert.Equal((3L, 1497L), (run.Stat("cost"), await cluster.Wallet().GetBalance()));
    }

    [Fact]
    public async Task A_node_that_runs_again_after_a_crash_is_charged_and_settled_once()
    {
        await using var cluster = await StartAsync();
        var runId = await WaitAtGateAsync(cluster, """{"meter": "items", "items": 2, "gate": "g"}""");

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        await cluster.UntilAsync(runId, run => run.Of("metered") is [{ Row.Attempt: 2 }], "to run again");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 2, 2L), (run.Status, run.The("metered").Row.Attempt, run.Stat("cost")));
        Assert.Equal(2, await NetAsync(cluster));
    }

    [Fact]
    public async Task What_was_reserved_for_a_node_whose_attempts_are_all_lost_is_given_back()
    {
        await using var cluster = await StartAsync(options => options.RunLimits = options.RunLimits with { MaxAttempts = 1 }, threshold: 1);
        var runId = await WaitAtGateAsync(cluster, """{"meter": "second", "gate": "g"}""");

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("FAILED", 1L), (run.The("metered").Row.Status, run.Stat("cost")));
        Assert.Equal((1L, 1499L), (await NetAsync(cluster), await cluster.Wallet().GetBalance()));
    }

    [Fact]
    public async Task A_reservation_that_the_balance_does_not_cover_is_refused()
    {
        await using var cluster = await StartAsync(options => options.NumUserCreditsRefill = 49);

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("metered", TestBlocks.MeteredStep, """{"meter": "second"}""").Build());

        Assert.Equal(("FAILED", "Insufficient balance of credits: this step costs 50."), (run.Status, run.Row.Error));
        Assert.Equal((0, 49L), (cluster.Blocks.Starts("metered"), await cluster.Wallet().GetBalance()));
    }

    [Fact]
    public async Task With_credits_switched_off_the_statistics_have_what_was_used()
    {
        await using var cluster = await StartAsync(options => options.EnableCredit = false);

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("metered", TestBlocks.MeteredStep, """{"meter": "items", "items": 2}""").Build());

        Assert.Equal(("COMPLETED", 2L), (run.Status, run.Stat("cost")));
        Assert.Empty(await cluster.LedgerOfAsync());
    }

    private Task<GrainCluster> StartAsync(Action<GrainflowOptions>? options = null, int threshold = 100) => GrainCluster.StartAsync(new ClusterSetup
    {
        Clock = _clock,
        Options = options,
        LogOptions = log => log.ExecutionCostCountThreshold = threshold,
    });

    private static async Task<Guid> WaitAtGateAsync(GrainCluster cluster, string input)
    {
        var agent = cluster.NewAgent().Node("metered", TestBlocks.MeteredStep, input).Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        return runId;
    }

    /// <summary>The credits that the ledger has for all charges and settlements together.</summary>
    private static async Task<long> NetAsync(GrainCluster cluster) => -(await cluster.LedgerOfAsync()).Where(row => row.Type == LedgerType.Usage).Sum(row => row.Amount);
}
