using Grainflow.Engine.Graphs;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Execution;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

/// <summary>A commit that is lost takes back what its session had in memory, so nothing may be answered from there before.</summary>
public sealed class LostCommitTests
{
    /// <summary>Longer than the first pause before a call is made again, and shorter than the other timers of a silo.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(400);

    private static readonly CommitResult Stale = new(CommitOutcome.Stale, []);

    [Fact]
    public async Task A_report_is_not_called_stale_while_the_end_that_makes_it_so_may_still_be_lost()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Gated(cluster);
        var (arrived, release) = HoldFirst(cluster, "node_ended");
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        cluster.Blocks.Gate("g").Open();
        await arrived.WaitAsync(GrainCluster.Patience);
        var node = (await cluster.ViewAsync(runId)).The("waiting").Row.Id;

        var entered = cluster.Calls.NextAsync(nameof(IGraphExecutionGrain.Report));
        var again = cluster.Run(runId).Report(new NodeReportMessage { NodeExecutionId = node, Attempt = 1, Epoch = 0, FirstOrdinal = 1, Outputs = [] });
        await entered.WaitAsync(GrainCluster.Patience);
        release.SetResult();
        var answer = await Record.ExceptionAsync(() => again);
        var run = await cluster.EndOfAsync(runId);

        Assert.IsType<RunSupersededException>(answer);
        Assert.Equal(("COMPLETED", 1), (run.Status, cluster.Blocks.Starts("waiting")));
    }

    [Fact]
    public async Task A_run_is_not_called_admitted_while_its_beginning_may_still_be_lost()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Gated(cluster);
        cluster.Blocks.Gate("g").Open();
        var (arrived, release) = HoldFirst(cluster, "run_started");
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await arrived.WaitAsync(GrainCluster.Patience);

        var entered = cluster.Calls.NextAsync(nameof(IGraphExecutionGrain.Admit));
        var again = cluster.Run(runId).Admit();
        await entered.WaitAsync(GrainCluster.Patience);
        release.SetResult();
        var answer = await Record.ExceptionAsync(() => again);

        Assert.IsType<RunSupersededException>(answer);
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_lost_commit_the_run_goes_on_by_itself_although_its_node_could_not_be_told(bool readingFails)
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        var agent = cluster.NewAgent().Node("first", TestBlocks.Step, """{"gate": "g", "value": 1}""").Node("second", TestBlocks.Step).Output("result")
            .Link("first.value", "second.value").Link("second.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        // The commit of the first node's end is written, its answer is lost, and the session that follows cannot reach the second node.
        cluster.Calls.Refused = nameof(INodeExecutionGrain.Start);
        var refused = cluster.Calls.NextAsync(nameof(INodeExecutionGrain.Start));
        cluster.Faults.OnFirstAppend(commit => commit.Events.Any(logged => logged.Kind == "node_ended"), async append =>
        {
            await append();
            return Stale;
        });
        if (readingFails)
        {
            // The epoch is raised by then, which must not be taken for another activation that has the run.
            cluster.Faults.OnReading = _ =>
            {
                cluster.Faults.OnReading = null;
                throw new TimeoutException("The database is away.");
            };
        }

        cluster.Blocks.Gate("g").Open();
        await clock.WaitForTimerAsync(Soon, TestContext.Current.CancellationToken);
        clock.Advance(Soon);
        if (readingFails)
        {
            await cluster.Log.UntilAsync("attempt 2 follows", 1);
            await clock.WaitForTimerAsync(Soon, TestContext.Current.CancellationToken);
            clock.Advance(Soon);
        }

        await refused.WaitAsync(GrainCluster.Patience);
        cluster.Calls.Refused = null;

        // Nobody reports any more; the check of the run is all that is left.
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    private static Graph Gated(GrainCluster cluster) => cluster.NewAgent()
        .Node("waiting", TestBlocks.Step, """{"gate": "g", "value": 1}""").Output("result").Link("waiting.value", "result.value").Build();

    /// <summary>Holds the first commit with an event of a kind until released, and loses it then.</summary>
    private static (Task Arrived, TaskCompletionSource Release) HoldFirst(GrainCluster cluster, string kind)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Faults.OnFirstAppend(commit => commit.Events.Any(logged => logged.Kind == kind), async _ =>
        {
            arrived.SetResult();
            await release.Task;
            return Stale;
        });
        return (arrived.Task, release);
    }
}
