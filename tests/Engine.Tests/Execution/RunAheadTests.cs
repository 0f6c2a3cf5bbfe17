using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>What may be done before it is durable, and how what was lost is told apart (ADR 0014).</summary>
public sealed class RunAheadTests
{
    private static readonly BlockDefinition Pure = FakeBlocks.Of("Pure", "a:any=null", "out:any") with { EffectFree = true };
    private static readonly BlockDefinition Priced = Pure with { Id = "block-Priced", Costs = [new CostRule(3, CostType.Run, JsonValues.Parse("""{"a": 1}"""))] };

    [Fact]
    public void Only_what_is_effect_free_and_costs_nothing_may_run_ahead()
    {
        var run = Queued(new GraphBuilder().Node("pure", Pure).Node("effect", FakeBlocks.Step).Node("priced", Priced, """{"a": 1}""").Node("free", Priced, """{"a": 2}"""));

        var may = Decided(run).ToDictionary(runEvent => run.FindRunning(runEvent.NodeExecutionId)!.NodeId, run.MayRunAhead, StringComparer.Ordinal);

        Assert.Equal(new Dictionary<string, bool>(StringComparer.Ordinal) { ["pure"] = true, ["effect"] = false, ["priced"] = false, ["free"] = true }, may);
    }

    [Fact]
    public void What_is_dispatched_again_waits_for_the_log()
    {
        var run = Queued(new GraphBuilder().Node("pure", Pure));
        Decided(run);

        var again = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(run.TakeOver(TestRun.Begin, new RunOwner("heir", 1), TestRun.Gone(TestRun.Host), _ => 0)));

        Assert.False(run.MayRunAhead(again));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void A_report_counts_for_the_session_that_dispatched_it_alone(long epoch, bool accepted)
    {
        var run = Queued(new GraphBuilder().Node("pure", Pure));
        var dispatched = Assert.Single(Decided(run, epoch: 4));

        var outcome = run.Report(new NodeReport(dispatched.NodeExecutionId, 1, 0, TestRun.Outputs("out=1"), TestRun.Ended(ExecutionStatus.Completed)) { Epoch = epoch }, TestRun.Begin);

        Assert.Equal((4L, accepted), (dispatched.Epoch, outcome.Accepted));
    }

    [Fact]
    public void A_session_that_takes_the_run_up_knows_who_dispatched_what_is_under_way()
    {
        var graph = new GraphBuilder().Node("pure", Pure).Index();
        var spec = RunPlanner.Plan(graph, TestRun.Request());
        var run = new GraphRun(graph, spec, new RunLimits());
        run.Apply(new RunEvent.Started(TestRun.Begin));
        var dispatched = Assert.Single(Decided(run, epoch: 4));
        run.DrainChanges();

        var restored = GraphRun.Restore(graph, spec, new RunLimits(), run.Snapshot());
        var replayed = new GraphRun(graph, spec, new RunLimits());
        replayed.Apply(new RunEvent.Started(TestRun.Begin));
        replayed.Apply(StoredForm.Again(dispatched));

        Assert.Equal([4L, 4L], new[] { restored, replayed }.Select(other => Assert.Single(other.InFlight).Epoch));
    }

    [Fact]
    public void A_log_from_before_there_were_epochs_is_read() =>
        Assert.Equal(0, Assert.IsType<RunEvent.NodeDispatched>(RunEventCodec.Read(
            "node_dispatched", """{"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":1,"host":"h","price":0,"at":"2026-01-05T09:00:00+00:00"}"""u8, null)).Epoch);

    private static GraphRun Queued(GraphBuilder graph)
    {
        var index = graph.Index();
        var run = new GraphRun(index, RunPlanner.Plan(index, TestRun.Request()), new RunLimits());
        run.Apply(new RunEvent.Started(TestRun.Begin));
        return run;
    }

    private static List<RunEvent.NodeDispatched> Decided(GraphRun run, long epoch = 0) =>
        [.. run.Decide(TestRun.Begin, new RunOwner(TestRun.Host, epoch)).OfType<RunEvent.NodeDispatched>()];
}
