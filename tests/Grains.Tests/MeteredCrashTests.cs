using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Billing;

namespace Grainflow.Grains.Tests;

/// <summary>
/// The server dies before and after each write that a metered node makes: reservation, begin, settlement and end. The run has a budget that suffices exactly when the
/// reservation counts once and is settled once.
/// </summary>
public sealed class MeteredCrashTests
{
    private const long Reserved = 5;
    private const long Used = 2;
    private const long Next = 5;
    private const long Budget = Used + Next;

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static TheoryData<string, bool> Points => [.. new[] { "reservation", "begin", "settlement", "end" }.SelectMany(step => new[] { (step, false), (step, true) })];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_Crash_before_or_after_a_write_of_a_metered_node_charges_and_settles_it_once(string step, bool isAfter)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var run = await CrashAsync(cluster, step, isAfter);

        Assert.Equal(("COMPLETED", "COMPLETED", Budget), (run.Status, run.The("metered").Row.Status, run.Stat("cost")));
        Assert.InRange(run.The("metered").Row.Attempt, 1, 2);
        await AssertExactAsync(cluster, run, used: Used, next: Next);
    }

    [Theory]
    // What was reserved for a block that had not begun is used by the attempt that follows, because a lost attempt counts only when its block had begun.
    [InlineData("begin", true, 0)]
    [InlineData("settlement", false, 0)]
    [InlineData("settlement", true, Used)]
    [InlineData("end", false, Used)]
    public async Task When_the_attempt_is_lost_in_the_Crash_it_costs_what_was_settled_and_else_nothing(string step, bool isAfter, long cost)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.RunLimits = options.RunLimits with { MaxAttempts = 1 } });
        var run = await CrashAsync(cluster, step, isAfter);

        Assert.Equal(("FAILED", cost), (run.The("metered").Row.Status, run.Stat("cost")));
        await AssertExactAsync(cluster, run, used: cost, next: 0);
    }

    /// <summary>Has the server die at a write of the node, and brings the run to its end.</summary>
    private async Task<RunView> CrashAsync(GrainCluster cluster, string step, bool isAfter)
    {
        await cluster.Wallet().GetBalance();
        var agent = cluster.NewAgent()
            .Node("metered", TestBlocks.MeteredStep, """{"meter": "items", "items": 2}""").Node("next", TestBlocks.PricedStep, """{"tier": 5}""")
            .Link("metered.value", "next.value").Build();
        await cluster.StoreAsync(agent);
        var kind = step == "begin" ? "node_began" : "node_ended";
        if (step is "begin" or "end") cluster.Faults.OnFirstAppend(commit => commit.Events.Any(logged => logged.Kind == kind), append => DieAsync(append, isAfter));
        else DieInTransaction(cluster, step == "reservation" ? 1 : 2, isAfter);

        var runId = cluster.Ids.NewId();
        Assert.True((await cluster.Run(runId).Start(GrainCluster.Command(agent) with { MaxCost = Budget })).Accepted);
        await _reached.Task.WaitAsync(GrainCluster.Patience);
        await cluster.KillAsync();
        (cluster.Faults.OnAppend, cluster.Faults.OnLedger) = (null, null);
        await cluster.RecoverAsync();
        return await cluster.EndOfAsync(runId);
    }

    private void DieInTransaction(GrainCluster cluster, int number, bool isAfter)
    {
        var transactions = 0;
        cluster.Faults.OnLedger = apply => Interlocked.Increment(ref transactions) == number ? DieAsync(apply, isAfter) : apply();
    }

    /// <summary>Holds a write for ever, before it is made or when it is durable.</summary>
    private async Task<T> DieAsync<T>(Func<Task<T>> write, bool isAfter)
    {
        if (isAfter) await write();
        _reached.TrySetResult();
        return await new TaskCompletionSource<T>().Task;
    }

    private static async Task AssertExactAsync(GrainCluster cluster, RunView run, long used, long next)
    {
        var charges = (await cluster.LedgerOfAsync()).Where(row => row.Type == LedgerType.Usage).ToDictionary(row => row.TransactionKey, row => row.Amount, StringComparer.Ordinal);
        var metered = run.The("metered").Row.Id.ToString();
        Assert.Equal((-Reserved, Reserved - used), (charges[metered], charges[LedgerKeys.SettlementOf(metered)]));
        Assert.Equal(next == 0 ? 2 : 3, charges.Count);
        Assert.Equal(used + next, -charges.Values.Sum());
        Assert.Equal(1500 - used - next, await cluster.Wallet().GetBalance());

        await using var command = cluster.Database.DataSource.CreateCommand("SELECT spent, max_credits FROM run_budgets");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal((used + next, Budget), (reader.GetInt64(0), reader.GetInt64(1)));
        Assert.False(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Empty((await new LedgerAudit(new Database(cluster.Database.DataSource)).CompareAsync(DateTimeOffset.UtcNow.AddDays(1), TestContext.Current.CancellationToken)).Differences);
    }
}
