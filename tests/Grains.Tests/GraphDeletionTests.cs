using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Tests;

/// <summary>A graph that is deleted while runs of it are under way.</summary>
public sealed class GraphDeletionTests
{
    [Fact]
    public async Task A_run_whose_graph_was_deleted_is_stopped_and_its_rows_stay_readable()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Waiting(cluster);
        await cluster.StoreAsync(graph);
        var runId = await cluster.StartRunAsync(graph);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        Assert.Equal(1, await GrainOf(cluster, graph).Delete(GrainCluster.User));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("TERMINATED", run.Status);
        Assert.Equal("TERMINATED", run.The("waiting").Row.Status);
    }

    [Fact]
    public async Task Crash_between_the_mark_and_the_stop_leaves_runs_that_the_next_start_stops()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.MaxConcurrentGraphExecutionsPerUser = 1 });
        var graph = Waiting(cluster);
        await cluster.StoreAsync(graph);
        var running = await cluster.StartRunAsync(graph);
        var queued = await cluster.StartRunAsync(graph);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        // No stop reaches the log before the crash.
        cluster.Faults.OnAppend = (commit, append) => IsStop(commit) ? new TaskCompletionSource<CommitResult>().Task : append();
        await GrainOf(cluster, graph).Delete(GrainCluster.User);
        await cluster.KillAsync();
        cluster.Faults.OnAppend = null;
        Assert.Equal(("RUNNING", "QUEUED"), ((await cluster.ViewAsync(running)).Status, (await cluster.ViewAsync(queued)).Status));

        await cluster.RecoverAsync();

        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(running)).Status);
        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(queued)).Status);
    }

    [Fact]
    public async Task A_deletion_that_is_repeated_because_its_answer_got_lost_stops_the_runs()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Waiting(cluster);
        await cluster.StoreAsync(graph);
        var runId = await cluster.StartRunAsync(graph);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await Graphs(cluster).DeleteAsync(Guid.Parse(graph.Id), GrainCluster.User, TimeProvider.System.GetUtcNow(), CancellationToken.None);

        Assert.Equal(0, await GrainOf(cluster, graph).Delete(GrainCluster.User));

        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task A_start_that_the_deletion_overtakes_is_refused_as_one_of_a_graph_that_never_was()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Waiting(cluster);
        await cluster.StoreAsync(graph);
        // The start has read the graph, and the deletion comes before the run is stored.
        cluster.Faults.OnCreating = run => Graphs(cluster).DeleteAsync(run.GraphId, run.UserId, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        var runId = cluster.Ids.NewId();

        var overtaken = await cluster.Run(runId).Start(GrainCluster.Command(graph));
        var later = await cluster.Run(cluster.Ids.NewId()).Start(GrainCluster.Command(graph));

        Assert.False(overtaken.Accepted);
        Assert.Equal($"Graph #{graph.Id} version 1 not found.", Assert.Single(overtaken.Problems).Message);
        Assert.Equal(overtaken.Problems.Select(problem => problem.Message), later.Problems.Select(problem => problem.Message));
        Assert.Null(await cluster.Runs.FindAsync(runId, CancellationToken.None));
    }

    [Fact]
    public async Task Hundreds_of_runs_are_stopped_a_bounded_number_at_a_time_while_the_call_has_returned()
    {
        const int Count = 200;
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Waiting(cluster);
        await cluster.StoreAsync(graph);
        var runs = new List<Guid>();
        for (var i = 0; i < Count; i++) runs.Add(await cluster.StartRunAsync(graph));
        var (underWay, most) = (0, 0);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            if (!IsStop(commit)) return await append();
            var now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            if (now >= 32) full.TrySetResult();
            await full.Task;
            var result = await append();
            Interlocked.Decrement(ref underWay);
            return result;
        };

        // Returns although no stop is in the log yet: the first are held until there are as many as may be under way.
        Assert.Equal(1, await GrainOf(cluster, graph).Delete(GrainCluster.User));

        foreach (var run in runs) Assert.Equal("TERMINATED", (await cluster.EndOfAsync(run)).Status);
        Assert.Equal(32, most);
    }

    [Fact]
    public async Task The_id_of_a_deleted_graph_is_refused_by_name_while_its_runs_end()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Waiting(cluster);
        await cluster.StoreAsync(graph);
        await Graphs(cluster).DeleteAsync(Guid.Parse(graph.Id), GrainCluster.User, TimeProvider.System.GetUtcNow(), CancellationToken.None);

        var result = await GrainOf(cluster, graph).Create(new CreateGraph { UserId = GrainCluster.User, Documents = [Document(graph)] });

        Assert.Equal(0, result.Version);
        Assert.Equal($"Graph #{graph.Id} was deleted and its id cannot be used again yet. Use another id.", Assert.Single(result.Problems).Message);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private static bool IsStop(RunCommit commit) => commit.Events.Any(logged => logged.Kind == "stop_requested");

    private static Graph Waiting(GrainCluster cluster) => cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();

    private static IGraphGrain GrainOf(GrainCluster cluster, Graph graph) => cluster.Grains.GetGrain<IGraphGrain>(Guid.Parse(graph.Id));

    private static GraphStore Graphs(GrainCluster cluster) => new(new Database(cluster.Database.DataSource));

    private static JsonPayload Document(Graph graph) => JsonPayload.Wrap(GraphDocument.Write(graph));
}
