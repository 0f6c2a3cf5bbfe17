using Grainflow.Engine.Values;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class ChargingTests
{
    [Fact]
    public async Task The_price_is_taken_before_the_block_starts()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10, "gate": "g"}""").Build();
        await cluster.StoreAsync(agent);

        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var charges = await cluster.ChargesAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal([(run.The("priced").Row.Id.ToString(), 10L)], charges);
        Assert.Equal(charges, await cluster.ChargesAsync());
        Assert.Equal((10L, 10L), (run.The("priced").Row.Price, run.Stat("cost")));
    }

    [Fact]
    public async Task The_ledger_says_what_a_charge_was_for()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 5}""").Build();

        var run = await cluster.RunToEndAsync(agent);

        var row = Assert.Single(await cluster.LedgerOfAsync(), row => row.Amount < 0);
        var metadata = JsonValues.ParseUtf8(row.Metadata.Span);
        Assert.Equal(run.Row.Id.ToString(), metadata.GetProperty("graph_exec_id").GetString());
        Assert.Equal(agent.Id, metadata.GetProperty("graph_id").GetString());
        Assert.Equal(run.The("priced").Row.Id.ToString(), metadata.GetProperty("node_exec_id").GetString());
        Assert.Equal(("priced", TestBlocks.PricedStep), (metadata.GetProperty("node_id").GetString(), metadata.GetProperty("block_id").GetString()));
        Assert.Equal((5, 0), (metadata.GetProperty("price").GetInt32(), metadata.GetProperty("fee").GetInt32()));
        Assert.Equal("""{"tier":5}""", JsonValues.Compact(metadata.GetProperty("input")));
        Assert.Equal("Ran PricedStep", metadata.GetProperty("reason").GetString());
        Assert.Null(metadata.Member("execution_count"));
        Assert.Null(metadata.Member("reserved"));
    }

    [Theory]
    [InlineData(TestBlocks.PricedStep, """{"tier": 5, "secret": "s"}""", """{"tier":5}""")]
    [InlineData(TestBlocks.Step, """{"secret": "s"}""", """{"execution_count":1,"charge":"Execution Cost"}""")]
    public async Task The_ledger_says_for_how_many_executions_a_fee_is(string block, string input, string filter)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { LogOptions = options => options.ExecutionCostCountThreshold = 1 });

        await cluster.RunToEndAsync(cluster.NewAgent().Node("node", block, input).Build());

        var metadata = JsonValues.ParseUtf8(Assert.Single(await cluster.LedgerOfAsync(), row => row.Amount < 0).Metadata.Span);
        Assert.Equal((1, 1), (metadata.GetProperty("fee").GetInt32(), metadata.GetProperty("execution_count").GetInt32()));
        Assert.Equal(filter, JsonValues.Compact(metadata.GetProperty("input")));
    }

    [Fact]
    public async Task Every_hundredth_dispatch_of_a_user_costs_a_fee_of_one()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("source", TestBlocks.Stream, """{"count": 120}""").Node("step", TestBlocks.PricedStep, """{"tier": 5}""")
            .Node("free", TestBlocks.Step).Link("source.value", "step.value").Link("source.value", "free.value").Build();
        var other = cluster.NewAgent().Node("alone", TestBlocks.Step).Build();
        await cluster.StoreAsAsync("user-2", other);

        var run = await cluster.RunToEndAsync(agent);
        await cluster.EndOfAsync(await cluster.StartRunAsync(other, user: "user-2"));

        Assert.Equal("COMPLETED", run.Status);
        var fees = run.Nodes.Where(node => node.Fee > 0).ToList();
        Assert.Equal(2, fees.Count);
        Assert.All(fees, node => Assert.Equal(1, node.Fee));
        var charges = (await cluster.ChargesAsync()).ToDictionary(charge => charge.Key, charge => charge.Credits);
        var expected = run.Nodes.Where(node => node.Row.Price + node.Fee > 0).ToDictionary(node => node.Row.Id.ToString(), node => node.Row.Price + node.Fee);
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), charges.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal((120 * 5) + 2, run.Stat("cost"));
        Assert.Empty(await cluster.ChargesAsync("user-2"));
    }

    [Fact]
    public async Task A_step_that_cannot_be_paid_fails_the_run_and_never_starts()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("paid", TestBlocks.PricedStep, """{"tier": 10, "gate": "g"}""")
            .Node("dear", TestBlocks.PricedStep, """{"tier": 2000}""").Output("failure")
            .Node("later", TestBlocks.Step)
            .Link("dear.error", "failure.value").Link("paid.value", "later.value").Build();
        await cluster.StoreAsync(agent);

        var run = await cluster.EndOfAsync(await cluster.StartRunAsync(agent));

        const string Error = "Insufficient balance of credits: this step costs 2000.";
        Assert.Equal(("FAILED", Error), (run.Status, run.Row.Error));
        Assert.Equal("insufficient_balance", run.Stats.GetProperty("failure_reason").GetString());
        Assert.Equal(("FAILED", Error), (run.The("dear").Row.Status, run.The("dear").Row.Error));
        Assert.Equal([$"\"{Error}\""], run.Outputs("dear", "error"));
        Assert.Equal(0, cluster.Blocks.Starts("dear"));
        Assert.Equal("TERMINATED", run.The("paid").Row.Status);
        Assert.Equal("FAILED", run.The("failure").Row.Status);
        Assert.Empty(run.Of("later"));
        Assert.All(run.Nodes, node => Assert.Contains(node.Row.Status, new[] { "FAILED", "TERMINATED" }));
        var charges = await cluster.ChargesAsync();
        Assert.All(charges, charge => Assert.Equal((run.The("paid").Row.Id.ToString(), 10L), charge));
        Assert.Equal(charges.Sum(charge => charge.Credits), run.Stat("cost"));
        Assert.Equal(1500 - run.Stat("cost"), await cluster.Wallet().GetBalance());
    }

    [Fact]
    public async Task Price_and_fee_are_paid_together_or_not_at_all()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options => options.NumUserCreditsRefill = 10,
            LogOptions = options => options.ExecutionCostCountThreshold = 1,
        });
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10}""").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal(("FAILED", "Insufficient balance of credits: this step costs 11."), (run.Status, run.Row.Error));
        Assert.Equal(0, cluster.Blocks.Starts("priced"));
        Assert.Empty(await cluster.ChargesAsync());
        Assert.Equal(10, await cluster.Wallet().GetBalance());
    }

    [Theory]
    [InlineData(11, "COMPLETED", 1)]
    [InlineData(10, "COMPLETED", 0)]
    [InlineData(9, "FAILED", 9)]
    public async Task A_step_may_take_the_last_credit(int balance, string status, long left)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.NumUserCreditsRefill = balance });

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10}""").Build());

        Assert.Equal((status, left), (run.Status, await cluster.Wallet().GetBalance()));
    }

    [Theory]
    [InlineData(1, "COMPLETED")]
    [InlineData(0, "FAILED")]
    public async Task A_free_run_begins_with_one_credit_and_not_without(int balance, string status)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.NumUserCreditsRefill = balance });

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("free", TestBlocks.Step).Build());

        Assert.Equal((status, status == "COMPLETED"), (run.Status, run.Row.StartedAt is not null));
    }

    [Fact]
    public async Task A_run_does_not_begin_with_an_empty_wallet()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.NumUserCreditsRefill = 0 });
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step).Node("other", TestBlocks.Step).Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal("FAILED", run.Status);
        Assert.Contains("credits", run.Row.Error, StringComparison.Ordinal);
        Assert.Null(run.Row.StartedAt);
        Assert.NotNull(run.Row.EndedAt);
        Assert.Equal(2, run.Nodes.Count);
        Assert.All(run.Nodes, node => Assert.Equal("FAILED", node.Row.Status));
        Assert.Empty(cluster.Blocks.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_charge_whose_answer_got_lost_is_asked_for_again(bool wasWritten)
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10, "value": 1}""").Output("result").Link("priced.value", "result.value").Build();
        cluster.Faults.OnLedger = async apply =>
        {
            cluster.Faults.OnLedger = null;
            if (wasWritten) await apply();
            throw new TimeoutException("The answer got lost.");
        };

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal(("COMPLETED", "COMPLETED", 10), (run.Status, run.The("priced").Row.Status, run.Stat("cost")));
        Assert.Equal([(run.The("priced").Row.Id.ToString(), 10L)], await cluster.ChargesAsync());
        Assert.Equal(1, cluster.Blocks.Starts("priced"));
    }
}
