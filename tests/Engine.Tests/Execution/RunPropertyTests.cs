using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>A failing case names its seed, which makes the same graph and the same order again.</summary>
public sealed class RunPropertyTests
{
    private const int Cases = 1_000;

    [Fact]
    public void The_order_of_reports_changes_neither_the_results_nor_the_number_of_node_executions() => ForAll(seed =>
    {
        var graph = RandomGraph.Acyclic(new Random(seed));
        var runs = Enumerable.Range(0, 3).Select(i => Finished(graph, seed + i, new RunLimits { MaxInFlight = i == 0 ? 1 : 64 })).ToList();

        foreach (var run in runs)
        {
            Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
            Assert.Equal(runs[0].Run.Stats.NodeExecCount, run.Run.Stats.NodeExecCount);
            Assert.Equal(runs[0].Run.Stats.NodeErrorCount, run.Run.Stats.NodeErrorCount);
            Assert.Equal(Results(runs[0]), Results(run));
        }
    });

    [Fact]
    public void A_run_rebuilt_from_any_prefix_of_its_log_has_the_same_state() => ForAll(seed =>
    {
        var random = new Random(seed);
        var live = Plan(random.Next(2) == 0 ? RandomGraph.Acyclic(random) : RandomGraph.Cyclic(random), new RunLimits { MaxNodeExecutions = 25, MaxAttempts = 1000, MaxInFlight = random.Next(1, 9) });
        var snapshots = new List<(int Facts, byte[] Bytes)> { (0, live.Run.Snapshot()) };
        live.Start();
        var scheduler = new Scheduler(random);
        while (!live.Run.Status.IsFinal())
        {
            snapshots.Add((live.Log.Count, live.Run.Snapshot()));
            if (random.Next(20) == 0) live.Stop();
            if (!live.Run.Status.IsFinal()) scheduler.Step(live);
        }

        snapshots.Add((live.Log.Count, live.Run.Snapshot()));

        var rebuilt = new GraphRun(live.Graph, live.Spec, live.Limits);
        var applied = 0;
        foreach (var (events, bytes) in snapshots)
        {
            for (; applied < events; applied++) rebuilt.Apply(StoredForm.Again(live.Log[applied]));
            Assert.Equal(bytes, rebuilt.Snapshot());
        }
    });

    [Fact]
    public void A_run_restored_from_a_snapshot_goes_on_as_the_one_that_wrote_it() => ForAll(seed =>
    {
        var random = new Random(seed);
        var live = Plan(random.Next(2) == 0 ? RandomGraph.Acyclic(random) : RandomGraph.Cyclic(random), new RunLimits { MaxNodeExecutions = 25, MaxAttempts = 1000, MaxInFlight = random.Next(1, 9) });
        live.Start();
        var scheduler = new Scheduler(random);
        for (var i = random.Next(20); i > 0 && !live.Run.Status.IsFinal(); i--)
        {
            if (random.Next(5) == 0) live.TakeOver(TestRun.Host, TestRun.Host);
            scheduler.Step(live);
        }

        var restored = GraphRun.Restore(live.Graph, live.Spec, live.Limits, live.Run.Snapshot());
        var (events, steps) = (live.Log.Count, live.Steps.Count);
        scheduler.RunToEnd(live);

        Assert.Equal(live.Log.Skip(events).Select(StoredForm.Text), live.Steps.Skip(steps).SelectMany(step => step(restored)).Select(StoredForm.Text));
        Assert.Equal((live.Run.Status, live.Run.Error, live.Run.EndedAt, live.Run.Stats), (restored.Status, restored.Error, restored.EndedAt, restored.Stats));
    });

    [Fact]
    public void Graphs_with_cycles_and_static_links_always_end_within_the_limits() => ForAll(seed =>
    {
        var random = new Random(seed);
        var run = Finished(RandomGraph.Cyclic(random), seed, new RunLimits { MaxNodeExecutions = 60, MaxInFlight = random.Next(1, 20) });

        var dispatched = run.Dispatched.Count();
        Assert.True(run.Run.Status == ExecutionStatus.Completed || (run.Run.Status == ExecutionStatus.Failed && dispatched == 60), $"{run.Run.Status} after {dispatched}");
        Assert.Equal(dispatched, run.Log.OfType<RunEvent.NodeEnded>().Count());
    });

    [Fact]
    public void After_crashes_a_run_still_completes_with_every_node_execution_ended_once_Crash() => ForAll(seed =>
    {
        var random = new Random(seed);
        var graph = RandomGraph.Acyclic(random);
        var undisturbed = Finished(graph, seed, new RunLimits());
        var run = Plan(graph, new RunLimits { MaxInFlight = random.Next(1, 9), MaxAttempts = 1000 }).Start();
        var (host, dead) = (TestRun.Host, new List<string>());
        for (var crash = 1; crash <= 2; crash++)
        {
            var scheduler = new Scheduler(random, host);
            for (var i = random.Next(15); i > 0 && !run.Run.Status.IsFinal(); i--) scheduler.Step(run);

            run.Rebuild(prefix: random.Next(1, run.Log.Count + 1));
            dead.Add(host);
            host = $"host-{crash + 1}";
            run.TakeOver(host, [.. dead]);
            run.Decide(host);
        }

        new Scheduler(random, host).RunToEnd(run);

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
        Assert.All(run.Log.OfType<RunEvent.NodeDispatched>().Select(runEvent => runEvent.NodeExecutionId).Distinct(), id => Assert.Single(run.Log.OfType<RunEvent.NodeEnded>(), ended => ended.NodeExecutionId == id));
        Assert.Equal(undisturbed.Run.Stats.NodeExecCount, run.Run.Stats.NodeExecCount);
        Assert.Equal(undisturbed.Run.Stats.Cost, run.Run.Stats.Cost);
        Assert.Equal(Results(undisturbed), Results(run));
    });

    private static TestRun Plan(GraphIndex graph, RunLimits limits) => new(graph, RunPlanner.Plan(graph, TestRun.Request()), limits);

    private static TestRun Finished(GraphIndex graph, int seed, RunLimits limits)
    {
        var run = Plan(graph, limits).Start();
        new Scheduler(new Random(seed)).RunToEnd(run);
        return run;
    }

    private static IEnumerable<string> Results(TestRun run) =>
        run.Results().SelectMany(output => output.Value.Select(value => $"{output.Key}: {JsonValues.Compact(value)}")).Order(StringComparer.Ordinal);

    private static void ForAll(Action<int> holds) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 10).ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
}
