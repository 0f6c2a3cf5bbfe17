using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>What is overdue: when an attempt is lost, whether it counts, and what follows.</summary>
public sealed class OverdueTests
{
    private const string Heir = "host-2";

    private readonly TestRun _run = new TestRun(new GraphBuilder()
        .Node("p", FakeBlocks.Step with { Costs = [new CostRule(3, CostType.Run, JsonValues.EmptyObject)] }).Node("q", FakeBlocks.Step)).Start();

    [Fact]
    public void An_attempt_that_had_not_begun_is_dispatched_again_at_once_and_without_being_counted()
    {
        for (var i = 0; i < 10; i++) Assert.Null(Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(Miss("p"))).NotBefore);

        Assert.Equal((11, 0, false), (_run.InFlight("p").Attempt, _run.InFlight("p").LostAttempts, _run.InFlight("p").HasBegun));
    }

    [Fact]
    public void After_an_attempt_that_had_begun_the_second_waits_a_second_and_the_third_ten_and_is_isolated()
    {
        var (second, isolatedSecond) = (BeginAndMiss(), _run.InFlight("p").IsIsolated);
        var (third, isolatedThird) = (BeginAndMiss(), _run.InFlight("p").IsIsolated);

        Assert.Equal((TimeSpan.FromSeconds(1), false), (second.NotBefore - second.At, isolatedSecond));
        Assert.Equal((TimeSpan.FromSeconds(10), true), (third.NotBefore - third.At, isolatedThird));
        Assert.Equal(third.NotBefore, _run.InFlight("p").NotBefore);
    }

    [Fact]
    public void An_attempt_that_is_lost_before_its_time_to_start_has_come_keeps_that_time()
    {
        var second = BeginAndMiss();

        var third = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(Miss("p")));

        Assert.Equal((3, second.NotBefore), (third.Attempt, third.NotBefore));
        Assert.Equal(1, _run.InFlight("p").LostAttempts);
    }

    [Fact]
    public void The_begin_of_an_attempt_that_was_dispatched_again_is_refused()
    {
        var id = _run.InFlight("p").Id;
        Miss("p");

        Assert.False(_run.Report(new NodeReport(id, 1, 0, [], null) { Begins = true, Start = new AttemptStart(TestRun.Host, 1) }).Accepted);
        Assert.False(_run.InFlight("p").HasBegun);
    }

    [Fact]
    public void An_attempt_begins_once_and_only_the_start_that_has_begun_reports()
    {
        var p = _run.InFlight("p");
        Assert.IsType<RunEvent.NodeBegan>(Assert.Single(_run.BeginBlock(p, "host-7", start: 4).Events));

        Assert.Equal((true, 0), Answer(_run.BeginBlock(p, "host-7", start: 4)));
        Assert.Equal((false, 0), Answer(_run.BeginBlock(p, "host-7", start: 5)));
        Assert.Equal((false, 0), Answer(_run.BeginBlock(p, "host-8", start: 4)));
        Assert.False(_run.Report(new NodeReport(p.Id, 1, 0, [], TestRun.Ended(ExecutionStatus.Failed, "no credentials")) { Start = new AttemptStart("host-8", 4) }).Accepted);
        Assert.False(_run.Report(new NodeReport(p.Id, 1, 0, [], TestRun.Ended(ExecutionStatus.Failed, "no credentials"))).Accepted);
        Assert.True(_run.Report(new NodeReport(p.Id, 1, 0, TestRun.Outputs("out=1"), null) { Start = new AttemptStart("host-7", 4) }).Accepted);
        Assert.Equal("host-7", p.Host);
    }

    [Fact]
    public void A_start_that_ends_before_it_begins_is_believed()
    {
        var p = _run.InFlight("p");

        Assert.True(_run.Report(new NodeReport(p.Id, 1, 0, [], TestRun.Ended(ExecutionStatus.Failed, "no credentials")) { Start = new AttemptStart("host-8", 4) }).Accepted);

        Assert.Equal([ExecutionStatus.Failed], _run.Statuses("p"));
    }

    [Fact]
    public void After_the_begin_the_silo_that_counts_is_the_one_on_which_it_runs()
    {
        _run.BeginBlock(_run.InFlight("p"), "host-7");

        Assert.Equal(["q"], _run.Run.Overdue(TestRun.Gone(TestRun.Host)).DispatchAgain.Select(execution => execution.NodeId));
        Assert.Equal(["p"], _run.Run.Overdue(TestRun.Gone("host-7")).DispatchAgain.Select(execution => execution.NodeId));
    }

    [Fact]
    public void What_is_not_known_to_be_lost_is_asked_for()
    {
        var overdue = _run.Run.Overdue(TestRun.Missing(_run.InFlight("q")));

        Assert.Equal("p", Assert.Single(overdue.UnderWay).NodeId);
        Assert.Equal("q", Assert.Single(overdue.DispatchAgain).NodeId);
        Assert.Empty(overdue.End);
    }

    [Fact]
    public void An_answer_about_an_earlier_attempt_says_nothing_about_the_current_one()
    {
        var before = TestRun.Missing(_run.InFlight("p"));
        Miss("p");

        Assert.Empty(_run.TakeOver(Heir, before));
    }

    [Fact]
    public void A_stopping_run_ends_what_nobody_has_and_keeps_what_somebody_has()
    {
        _run.Stop();

        var ended = Assert.IsType<RunEvent.NodeEnded>(Assert.Single(Miss("p")));
        _run.Decide(Heir);

        Assert.Equal(ExecutionStatus.Terminated, ended.Status);
        Assert.Equal(ExecutionStatus.Running, _run.Run.Status);
        Miss("q");
        _run.Decide(Heir);
        Assert.Equal(ExecutionStatus.Terminated, _run.Run.Status);
    }

    [Fact]
    public void An_attempt_that_a_living_silo_has_lost_counts_as_one_whose_silo_died()
    {
        BeginAndMiss();
        BeginAndMiss();
        _run.BeginBlock(_run.InFlight("p"));

        Assert.Equal(ExecutionStatus.Failed, Assert.IsType<RunEvent.NodeEnded>(Assert.Single(Miss("p"))).Status);
    }

    [Fact]
    public void An_effect_free_node_has_begun_when_it_is_dispatched_and_its_third_attempt_reports_its_begin_from_another_silo()
    {
        var run = new TestRun(new GraphBuilder().Node("c", FakeBlocks.Step with { EffectFree = true })).Start();
        Assert.True(run.InFlight("c").HasBegun);

        var second = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(run.TakeOver(Heir, TestRun.Host)));
        var third = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(run.TakeOver("host-3", Heir)));

        Assert.Equal((false, true), (second.ReportsBegin, third.ReportsBegin));
        Assert.True(run.InFlight("c").IsIsolated);
    }

    [Fact]
    public void The_node_of_a_sub_agent_does_not_count_what_its_processes_die_of()
    {
        var run = new TestRun(new GraphBuilder().Node("a", FakeBlocks.Step with { Kind = BlockKind.Agent })).Start();
        for (var i = 1; i <= 10; i++)
        {
            run.BeginBlock(run.InFlight("a"));
            Assert.Null(Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(run.TakeOver($"host-{i + 1}", $"host-{i}"))).NotBefore);
        }

        Assert.Equal((11, 0), (run.InFlight("a").Attempt, run.InFlight("a").LostAttempts));
    }

    [Fact]
    public void An_attempt_in_a_log_without_begins_has_begun_on_the_silo_in_its_dispatch()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step));
        run.Apply(at => new RunEvent.Started(at));
        var id = Assert.Single(run.Of("p")).Id;
        run.Apply(at => new RunEvent.NodeDispatched(at, id, 1, "2f4a8a5e-6f0e-4d4f-9f67-1de6c0a7a001", 0));

        run.TakeOver(Heir, "2f4a8a5e-6f0e-4d4f-9f67-1de6c0a7a001");

        Assert.Equal((2, 1), (run.InFlight("p").Attempt, run.InFlight("p").LostAttempts));
    }

    [Fact]
    public void A_run_rebuilt_from_its_log_or_a_snapshot_knows_what_has_begun_and_what_waits()
    {
        _run.BeginBlock(_run.InFlight("q"), "host-9", start: 8);
        BeginAndMiss();
        var restored = GraphRun.Restore(_run.Graph, _run.Spec, _run.Limits, _run.Run.Snapshot());
        _run.Rebuild();

        Assert.Equal(_run.Run.Snapshot(), restored.Snapshot());
        foreach (var run in new[] { restored, _run.Run })
        {
            var (p, q) = (run.InFlight.Single(execution => execution.NodeId == "p"), run.InFlight.Single(execution => execution.NodeId == "q"));
            Assert.Equal((false, true), (p.HasBegun, q.HasBegun));
            Assert.Equal(new AttemptStart("host-9", 8), q.Start);
            Assert.NotNull(p.NotBefore);
        }
    }

    private static (bool Accepted, int Events) Answer(ReportOutcome outcome) => (outcome.Accepted, outcome.Events.Count);

    private IReadOnlyList<RunEvent> Miss(string node) => _run.TakeOver(Heir, TestRun.Missing(_run.InFlight(node)));

    private RunEvent.NodeDispatched BeginAndMiss()
    {
        _run.BeginBlock(_run.InFlight("p"));
        return Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(Miss("p")));
    }
}
