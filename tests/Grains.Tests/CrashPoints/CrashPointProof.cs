using System.Globalization;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement;

namespace Grainflow.Grains.Tests.CrashPoints;

/// <summary>
/// A cluster of three silos in which silos die at chosen points while runs go on, and the checks that nothing was lost or done twice. The first silo is the caller's and stays;
/// for each one that dies another one is added. One instance serves many points, one after the other.
/// </summary>
public sealed class CrashPointProof : IAsyncLifetime
{
    /// <summary>So many dispatches of a user cost a fee of one credit.</summary>
    private const int FeeEvery = 10;

    /// <summary>How often a work is done anew until a silo other than the caller's has passed the point: some grains are placed by chance.</summary>
    private const int MostTries = 10;

    private readonly StepWatch _steps = new();
    private GrainCluster _cluster = null!;
    private int _users;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Silos = 3,
            Supervises = true,
            Steps = _steps,
            Options = options =>
            {
                options.MaxConcurrentGraphExecutionsPerUser = 1;
                options.UnmovedAfter = TimeSpan.FromMilliseconds(500);
                options.RunCheckInterval = TimeSpan.FromMilliseconds(500);
                options.SnapshotEvery = 10;
            },
            LogOptions = options => options.ExecutionCostCountThreshold = FeeEvery,
        });
        _steps.Caller = _cluster.Running.Silos[0].Name;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    /// <summary>The steps that a work passes when no silo dies.</summary>
    internal async Task<IReadOnlyCollection<string>> RecordAsync(RunWork work)
    {
        var runs = await StoreAsync(work);
        _steps.Clear();
        _steps.Records = true;
        await runs.PrepareAsync();
        await runs.ActAsync();
        _steps.Records = false;
        await runs.AssertExactAsync();
        return _steps.Passed;
    }

    /// <summary>Has a silo die at a point, and checks what became of the runs.</summary>
    internal async Task KillAtAsync(RunCrashPoint point)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var runs = await StoreAsync(point.Step.Work);
            await runs.PrepareAsync();
            runs.Cut = _steps.Arm(point);
            var acting = runs.ActAsync();
            await Task.WhenAny(acting, runs.Cut);
            var isCut = !_steps.TryDisarm();
            if (isCut)
            {
                var name = await runs.Cut;
                await runs.RememberCompletedAsync();
                await _cluster.KillSiloAsync(_cluster.Running.Silos.Single(silo => silo.Name == name).SiloAddress.ToParsableString());
                await _cluster.AddSiloAsync();
                runs.Recovered.SetResult();
            }

            await acting;
            await runs.AssertExactAsync();
            if (isCut) return;
        }

        Assert.Fail($"No silo but the caller's has passed {point} in {MostTries} tries.");
    }

    private async Task<CrashedRuns> StoreAsync(RunWork work)
    {
        var runs = new CrashedRuns(_cluster, _steps, work, string.Create(CultureInfo.InvariantCulture, $"user {work} {++_users}"), FeeEvery);
        await runs.StoreAsync();
        return runs;
    }
}

/// <summary>The runs of one user, in the course of which a silo dies or not.</summary>
internal sealed class CrashedRuns(GrainCluster cluster, StepWatch steps, RunWork work, string user, int feeEvery)
{
    private readonly List<Guid> _ids = [];
    private Dictionary<Guid, (int Starts, int Attempt)> _completed = [];
    private Graph _agent = null!;

    /// <summary>Ends with the name of the silo that was cut off; never when none is to be.</summary>
    public Task<string> Cut { get; set; } = new TaskCompletionSource<string>().Task;

    /// <summary>Ends when that silo is dead and another one has been added.</summary>
    public TaskCompletionSource Recovered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Gate Gate => cluster.Blocks.Gate(work == RunWork.StoppedLost ? user + "1" : user);

    private IGrainFactory Caller => cluster.ServicesOf(cluster.SiloNames[0]).GetRequiredService<IClusterClient>();

    /// <summary>Stores the agents, and listens to the user's runs.</summary>
    public async Task StoreAsync()
    {
        await cluster.NextCommitAsync(user);
        if (work == RunWork.Whole)
        {
            var child = cluster.NewAgent("Child").Input("text").Node("paid", TestBlocks.PricedStep, """{"tier": 5}""").Output("result")
                .Link("text.result", "paid.value").Link("paid.value", "result.value").Build();
            _agent = cluster.NewAgent().Input("text").Node("paid", TestBlocks.PricedStep, """{"tier": 5}""").Node("stream", TestBlocks.Stream, """{"count": 2}""")
                .Node("pure", TestBlocks.PureStep).Agent("sub", child).Node("outside", TestBlocks.Outside).Output("result")
                .Link("text.result", "paid.value").Link("paid.value", "stream.value").Link("stream.value", "pure.value").Link("pure.value", "sub.text")
                .Link("sub.result", "outside.value").Link("outside.value", "result.value").Build();
            await cluster.StoreAsAsync(user, _agent, child);
        }
        else if (work == RunWork.Stopped)
        {
            var child = cluster.NewAgent("Child").Node("paid", TestBlocks.PricedStep, GateConstants()).Build();
            _agent = cluster.NewAgent().Agent("sub", child).Node("beside", TestBlocks.PricedStep, GateConstants()).Build();
            await cluster.StoreAsAsync(user, _agent, child);
        }
        else
        {
            // A name of its own: gates are numbered by the starts of the nodes of one name.
            _agent = cluster.NewAgent().Node(user, TestBlocks.PricedStep, GateConstants()).Output("result").Link($"{user}.value", "result.value").Build();
            await cluster.StoreAsAsync(user, _agent);
        }
    }

    /// <summary>What comes before the point; no silo dies in it.</summary>
    public async Task PrepareAsync()
    {
        switch (work)
        {
            case RunWork.Queued:
                await MoveSupervisorsAsync();
                await StartAsync();
                await Gate.ArrivalAsync();
                await StartAsync();
                break;
            case RunWork.Moved:
                await StartAsync();
                await Gate.ArrivalAsync();
                break;
            case RunWork.Stopped:
                await StartAsync();
                await Gate.ArrivalAsync();
                await Gate.ArrivalAsync();
                break;
            case RunWork.StoppedUncharged:
                var spend = cluster.Calls.NextAsync(nameof(IUserWalletGrain.Spend));
                cluster.Calls.Refusal = () => new TimeoutException("The wallet does not answer.");
                cluster.Calls.Refused = nameof(IUserWalletGrain.Spend);
                await StartAsync();
                await spend.WaitAsync(GrainCluster.Patience);
                await cluster.MoveRunAsync(_ids[0], cluster.SiloNames[2]);
                break;
            case RunWork.StoppedLost:
                await StartAsync();
                await Gate.ArrivalAsync();
                cluster.Calls.LoseAttempts();
                Gate.Open();
                await cluster.Log.UntilAsync($"{(await NodesAsync()).Single(IsEffectful).Id} could not report its end", 1);
                cluster.Calls.Refused = null;
                break;
        }
    }

    /// <summary>Brings the runs to their end.</summary>
    public async Task ActAsync()
    {
        switch (work)
        {
            case RunWork.Whole:
                await Task.WhenAll(StartAsync(), StartAsync(anyVersion: true));
                break;
            case RunWork.Queued:
                await Task.WhenAll(PassedAsync("IExecutionQueueGrain.Look"), PassedAsync("ISiloLoadsGrain.Publish"));
                Gate.Open();
                break;
            case RunWork.Moved:
                var resumed = PassedAsync("IGraphExecutionGrain.Resume");
                await AnsweredAsync(async () =>
                {
                    await cluster.MoveRunAsync(_ids[0], cluster.SiloNames[2]);
                    return true;
                });
                await resumed;
                Gate.Open();
                break;
            default:
                Assert.True(await AnsweredAsync(() => Caller.GetGrain<IGraphExecutionGrain>(_ids[0]).Stop(user)));
                break;
        }

        foreach (var id in _ids) await cluster.EndOfAsync(id);
        // A parent that is stopped does not wait for a sub-agent whose node was lost.
        if (work == RunWork.Stopped) await cluster.EndOfAsync(NodeExecutionIds.ChildRun(NodeExecutionIds.Derive(_ids[0], 0)));
        cluster.Calls.Refused = null;
    }

    /// <summary>Remembers how often the blocks of the node executions that have ended were started, which must not change any more.</summary>
    public async Task RememberCompletedAsync() => _completed = (await NodesAsync())
        .Where(node => node.HasEnded && IsEffectful(node))
        .ToDictionary(node => node.Id, node => (cluster.Blocks.Starts(node.Id), node.Attempt));

    /// <summary>Nothing was lost, and nothing was done twice.</summary>
    public async Task AssertExactAsync()
    {
        var (status, runs) = work switch
        {
            RunWork.Whole => ("COMPLETED", 6),
            RunWork.Queued => ("COMPLETED", 2),
            RunWork.Moved => ("COMPLETED", 1),
            RunWork.Stopped => ("TERMINATED", 2),
            _ => ("TERMINATED", 1),
        };
        Assert.Equal(runs, await CountAsync("SELECT count(*) FROM runs WHERE user_id = $1"));
        Assert.Equal(runs, await CountAsync($"SELECT count(*) FROM runs r JOIN run_head h ON h.run_id = r.id WHERE user_id = $1 AND r.status = '{status}' AND h.status = r.status"));

        // The log of each run has no gap, each node execution ended once, and the run once.
        Assert.Equal(0, await CountAsync(
            "SELECT count(*) FROM run_head h JOIN runs r ON r.id = h.run_id WHERE user_id = $1 AND (SELECT count(*) FROM execution_events e WHERE e.run_id = r.id) <> h.last_seq"));
        Assert.Equal(runs, await CountAsync("SELECT count(*) FROM execution_events e JOIN runs r ON r.id = e.run_id WHERE user_id = $1 AND kind = 'run_ended'"));
        Assert.Equal(
            await CountAsync("SELECT count(*) FROM node_executions n JOIN runs r ON r.id = n.run_id WHERE user_id = $1 AND n.status IN ('COMPLETED', 'FAILED', 'TERMINATED')"),
            await CountAsync("SELECT count(DISTINCT body ->> 'node_execution_id') FROM execution_events e JOIN runs r ON r.id = e.run_id WHERE user_id = $1 AND kind = 'node_ended'"));
        Assert.Equal(0, await CountAsync(
            """
            SELECT count(*) FROM (
              SELECT 1 FROM execution_events e JOIN runs r ON r.id = e.run_id WHERE user_id = $1 AND kind = 'node_ended' GROUP BY body ->> 'node_execution_id' HAVING count(*) > 1
            ) AS twice
            """));

        var nodes = await NodesAsync();
        if (status == "COMPLETED") Assert.All(nodes, node => Assert.Equal("COMPLETED", node.Status));
        foreach (var node in nodes.Where(IsEffectful))
        {
            // One silo died: at most one attempt more, each of which began before its block did.
            Assert.InRange(node.Attempt, 1, (Cut.IsCompletedSuccessfully ? 2 : 1) + (work == RunWork.StoppedLost ? 1 : 0));
            Assert.InRange(cluster.Blocks.Starts(node.Id), status == "COMPLETED" ? 1 : 0, node.Attempt);
            if (_completed.TryGetValue(node.Id, out var before)) Assert.Equal(before, (cluster.Blocks.Starts(node.Id), node.Attempt));
        }

        foreach (var node in nodes.Where(node => node.BlockId == TestBlocks.Outside))
        {
            Assert.InRange(steps.World.Requests(node.Id), 1, node.Attempt);
            Assert.InRange(steps.World.Chats(node.Id), 1, node.Attempt);
        }

        if (work == RunWork.Whole) await AssertWholeAsync(nodes);
        await AssertLedgerAsync(nodes);
    }

    private async Task AssertWholeAsync(IReadOnlyList<Node> nodes)
    {
        var names = nodes.GroupBy(node => node.NodeId, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        Assert.Equal((6, 6, 2, 4, 4, 4, 8), (names["text"], names["paid"], names["stream"], names["pure"], names["sub"], names["outside"], names["result"]));
        foreach (var id in _ids)
        {
            var run = await cluster.ViewAsync(id);
            Assert.Equal(["\"0\"", "\"1\""], run.Results("result").Order(StringComparer.Ordinal));
            Assert.Equal(0, run.Stat("node_error_count"));
        }
    }

    private async Task AssertLedgerAsync(IReadOnlyList<Node> nodes)
    {
        var ledger = await cluster.LedgerOfAsync(user);
        var charges = ledger.Where(row => row.Type == LedgerType.Usage).ToList();
        // A node that was stopped before it was charged owes nothing.
        Assert.Equal(
            nodes.Where(node => node.Price + node.Fee > 0 && (work != RunWork.StoppedUncharged || charges.Exists(charge => charge.TransactionKey == node.Id.ToString())))
                .Select(node => (node.Id.ToString(), node.Price + node.Fee)).Order(),
            charges.Select(charge => (charge.TransactionKey, -charge.Amount)).Order());
        Assert.Equal(nodes.Count(node => node.IsDispatched) / feeEvery, nodes.Sum(node => node.Fee));
        Assert.Equal(Enumerable.Range(1, ledger.Count).Select(i => (long)i), ledger.Select(row => row.Sequence));
        var balance = 0L;
        foreach (var row in ledger) Assert.Equal(balance += row.Amount, row.RunningBalance);
        Assert.Equal(balance, (await cluster.Ledger.WalletAsync(user, CancellationToken.None)).Balance);
        var costs = 0L;
        foreach (var id in _ids) costs += (await cluster.ViewAsync(id)).Stat("cost");
        // The node of a sub-agent that is lost while its run stops ends without the cost of the sub-agent, which has a row of its own.
        var own = nodes.Where(node => _ids.Contains(node.RunId)).Sum(node => charges.Find(charge => charge.TransactionKey == node.Id.ToString())?.Amount ?? 0);
        Assert.InRange(costs, work == RunWork.Stopped && Cut.IsCompletedSuccessfully ? -own : -charges.Sum(charge => charge.Amount), -charges.Sum(charge => charge.Amount));
    }

    private static bool IsEffectful(Node node) => node.BlockId is TestBlocks.PricedStep or TestBlocks.Stream or TestBlocks.Outside;

    private string GateConstants() => $$"""{"tier": 5, "value": 1, "gate": "{{user}}", "numbered": {{(work == RunWork.StoppedLost ? "true" : "false")}}}""";

    private async Task StartAsync(bool anyVersion = false)
    {
        var id = cluster.Ids.NewId();
        _ids.Add(id);
        var command = GrainCluster.Command(_agent, new { text = "x" }, user);
        if (anyVersion) command = command with { GraphVersion = null };
        var accepted = await AnsweredAsync(async () =>
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(cluster.SiloNames[1]));
            return (await Caller.GetGrain<IGraphExecutionGrain>(id).Start(command)).Accepted;
        });
        Assert.True(accepted);
    }

    /// <summary>Places the supervisors on another silo than the caller's, where they all are after some silos have died.</summary>
    private async Task MoveSupervisorsAsync()
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(cluster.SiloNames[1]));
        for (var shard = 0; shard < RunSupervisionStore.Shards; shard++)
        {
            var supervisor = Caller.GetGrain<IRunSupervisorGrain>(shard);
            await cluster.Running.DeactivateAsync(supervisor);
            await supervisor.Look(now: false);
        }

        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
    }

    /// <summary>Waits until a step has been passed, or a silo was cut off.</summary>
    private async Task PassedAsync(string step) => await Task.WhenAny(steps.NextAsync(step), Cut).WaitAsync(GrainCluster.Patience);

    /// <summary>Repeats a request, as a client does, when it has failed because a silo died.</summary>
    private async Task<T> AnsweredAsync<T>(Func<Task<T>> request)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (Exception) when (Cut.IsCompletedSuccessfully && !Recovered.Task.IsCompleted)
            {
                await Recovered.Task.WaitAsync(GrainCluster.Patience);
            }
        }
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = cluster.Database.DataSource.CreateCommand(sql);
        command.Parameters.AddWithValue(user);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task<IReadOnlyList<Node>> NodesAsync()
    {
        await using var command = cluster.Database.DataSource.CreateCommand(
            """
            SELECT n.id, n.run_id, n.node_id, n.block_id, n.status, n.attempt, n.price, n.fee, n.status IN ('COMPLETED', 'FAILED', 'TERMINATED'), n.started_at IS NOT NULL
            FROM node_executions n JOIN runs r ON r.id = n.run_id WHERE r.user_id = $1
            """);
        command.Parameters.AddWithValue(user);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var nodes = new List<Node>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            nodes.Add(new Node(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetInt32(5), reader.GetInt64(6), reader.GetInt64(7),
                reader.GetBoolean(8), reader.GetBoolean(9)));
        }

        return nodes;
    }

    private sealed record Node(Guid Id, Guid RunId, string NodeId, string BlockId, string Status, int Attempt, long Price, long Fee, bool HasEnded, bool IsDispatched);
}
