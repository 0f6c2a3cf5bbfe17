using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

/// <summary>Budgets of runs (<c>max_cost</c>): of the whole tree, never exceeded, reservations included.</summary>
public sealed class BudgetTests
{
    [Fact]
    public async Task A_step_beyond_the_budget_fails_the_run_with_what_is_spent_and_never_starts()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("first", TestBlocks.PricedStep, """{"tier": 5}""").Node("second", TestBlocks.PricedStep, """{"tier": 5}""").Node("third", TestBlocks.PricedStep, """{"tier": 5}""")
            .Link("first.value", "second.value").Link("second.value", "third.value").Build();

        var run = await RunAsync(cluster, 13, agent);

        Assert.Equal(("FAILED", "The budget of this run is spent: max_cost is 13, 10 are spent, this step costs 5."), (run.Status, run.Row.Error));
        Assert.Equal("budget_exceeded", run.Stats.GetProperty("failure_reason").GetString());
        Assert.Equal(("FAILED", 0), (run.The("third").Row.Status, cluster.Blocks.Starts("third")));
        Assert.Equal((10L, 1490L), (run.Stat("cost"), await cluster.Wallet().GetBalance()));
    }

    [Theory]
    [InlineData(10, "COMPLETED")]
    [InlineData(9, "FAILED")]
    [InlineData(0, "FAILED")]
    public async Task A_budget_is_used_up_to_its_last_credit(long budget, string status)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("first", TestBlocks.PricedStep, """{"tier": 5}""").Node("second", TestBlocks.PricedStep, """{"tier": 5}""").Link("first.value", "second.value").Build();

        var run = await RunAsync(cluster, budget, agent);

        Assert.Equal(status, run.Status);
        Assert.InRange(run.Stat("cost"), 0, budget);
    }

    [Fact]
    public async Task Steps_at_the_same_time_never_exceed_the_budget_together()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var builder = cluster.NewAgent();
        for (var i = 0; i < 20; i++) builder.Node($"node{i}", TestBlocks.PricedStep, """{"tier": 5}""");

        var run = await RunAsync(cluster, 52, builder.Build());

        Assert.Equal("FAILED", run.Status);
        Assert.InRange((await cluster.ChargesAsync()).Sum(charge => charge.Credits), 0, 50);
    }

    [Fact]
    public async Task A_free_agent_runs_with_a_budget_of_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();

        var run = await RunAsync(cluster, 0, cluster.NewAgent().Node("free", TestBlocks.Step).Build());

        Assert.Equal(("COMPLETED", 0L), (run.Status, run.Stat("cost")));
        Assert.Null(run.Stats.Member("failure_reason"));
    }

    [Fact]
    public async Task Sub_agents_draw_from_the_budget_of_the_root()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("below", TestBlocks.PricedStep, """{"tier": 10}""").Output("out").Link("below.value", "out.value").Build();
        var root = cluster.NewAgent().Node("above", TestBlocks.PricedStep, """{"tier": 5}""").Agent("agent", child).Node("last", TestBlocks.PricedStep, """{"tier": 5}""")
            .Link("agent.out", "last.value").Build();

        var enough = await RunAsync(cluster, 20, root, child);
        var oneShort = await cluster.EndOfAsync(await StartAsync(cluster, 19, root));
        var tooShort = await cluster.EndOfAsync(await StartAsync(cluster, 14, root));

        Assert.Equal(("COMPLETED", 20L), (enough.Status, enough.Stat("cost")));
        Assert.Equal(("FAILED", "budget_exceeded"), (oneShort.Status, oneShort.Stats.GetProperty("failure_reason").GetString()));
        Assert.InRange(oneShort.Stat("cost"), 0, 19);
        // Which of the two steps that start at once is refused is open; together they never cost more than the budget.
        Assert.InRange(tooShort.Stat("cost"), 5, 14);
        Assert.InRange((await cluster.ChargesAsync()).Sum(charge => charge.Credits), 0, 20 + 19 + 14);
    }

    [Fact]
    public async Task A_reservation_counts_in_full_until_it_is_settled()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("first", TestBlocks.MeteredStep, """{"meter": "items", "items": 1}""").Node("second", TestBlocks.MeteredStep, """{"meter": "items", "items": 1}""")
            .Link("first.value", "second.value").Build();

        var six = await RunAsync(cluster, 6, agent);
        var five = await cluster.EndOfAsync(await StartAsync(cluster, 5, agent));

        Assert.Equal(("COMPLETED", 2L), (six.Status, six.Stat("cost")));
        Assert.Equal(("FAILED", "The budget of this run is spent: max_cost is 5, 1 is spent, this step costs 5."), (five.Status, five.Row.Error));
    }

    [Fact]
    public async Task A_refused_charge_says_what_of_the_budget_is_spent()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var first = await cluster.Wallet().Spend(Charge(8));
        var refused = await cluster.Wallet().Spend(Charge(5));

        Assert.Equal((true, SpendRefusal.None), (first.Paid, first.Refusal));
        Assert.Equal((false, SpendRefusal.OverBudget, 8L), (refused.Paid, refused.Refusal, refused.BudgetSpent));
    }

    [Fact]
    public async Task A_budget_is_refused_where_credits_are_switched_off()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.EnableCredit = false });
        var agent = cluster.NewAgent().Node("free", TestBlocks.Step).Build();
        await cluster.StoreAsync(agent);

        var result = await cluster.Run(cluster.Ids.NewId()).Start(GrainCluster.Command(agent) with { MaxCost = 5 });

        Assert.False(result.Accepted);
        Assert.Contains("ENABLE_CREDIT=true", Assert.Single(result.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_survives_a_crash()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("first", TestBlocks.PricedStep, """{"tier": 5, "gate": "g"}""").Node("second", TestBlocks.PricedStep, """{"tier": 10}""").Link("first.value", "second.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await StartAsync(cluster, 12, agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.KillAsync();
        cluster.Blocks.Gate("g").Open();
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("FAILED", "The budget of this run is spent: max_cost is 12, 5 are spent, this step costs 10."), (run.Status, run.Row.Error));
    }

    private static readonly Guid Root = new("10000000-0000-4000-8000-000000000001");

    private static Spend Charge(long credits) => new()
    {
        TransactionKey = $"charge of {credits}",
        Credits = credits,
        Metadata = Interfaces.JsonPayload.EmptyObject,
        Budget = new RunBudget { RootRunId = Root, MaxCredits = 10 },
    };

    private static async Task<RunView> RunAsync(GrainCluster cluster, long budget, params Graph[] graphs)
    {
        await cluster.StoreAsync(graphs);
        return await cluster.EndOfAsync(await StartAsync(cluster, budget, graphs[0]));
    }

    private static async Task<Guid> StartAsync(GrainCluster cluster, long budget, Graph graph)
    {
        var runId = cluster.Ids.NewId();
        Assert.True((await cluster.Run(runId).Start(GrainCluster.Command(graph) with { MaxCost = budget })).Accepted);
        return runId;
    }
}
