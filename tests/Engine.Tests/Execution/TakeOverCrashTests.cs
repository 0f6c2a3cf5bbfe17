using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Decision 8: a node whose host is gone runs again under the same id, as the next attempt.</summary>
public sealed class TakeOverCrashTests
{
    private const string Heir = "host-2";
    private readonly TestRun _run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step with { Costs = [new CostRule(3, CostType.Run, JsonValues.EmptyObject)] }).Node("s", FakeBlocks.Step).Link("p.out", "s.a").Link("p.other", "s.a")).Start();

    [Fact]
    public void The_next_attempt_has_the_same_id_and_price_and_the_new_host()
    {
        var before = _run.InFlight("p");

        var runEvent = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(_run.TakeOver(Heir, TestRun.Host)));

        Assert.Equal((before.Id, 2, Heir, 3L), (runEvent.NodeExecutionId, runEvent.Attempt, runEvent.Host, runEvent.Price));
        Assert.Equal((2, Heir), (_run.InFlight("p").Attempt, _run.InFlight("p").Host));
    }

    [Fact]
    public void Nodes_of_hosts_that_live_are_left_alone()
    {
        Assert.Empty(_run.TakeOver(Heir, "host-0"));
        Assert.Equal(1, _run.InFlight("p").Attempt);
    }

    [Fact]
    public void What_has_ended_is_not_run_again()
    {
        _run.Complete("p", "out=1");
        _run.Rebuild();

        var runEvent = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(_run.TakeOver(Heir, TestRun.Host)));

        Assert.Equal(_run.InFlight("s").Id, runEvent.NodeExecutionId);
    }

    [Fact]
    public void Reports_of_the_attempt_before_are_stale()
    {
        var id = _run.InFlight("p").Id;
        _run.TakeOver(Heir, TestRun.Host);

        Assert.False(_run.Report(new NodeReport(id, 1, 0, TestRun.Outputs("out=1"), TestRun.Ended(ExecutionStatus.Completed))).Accepted);
    }

    [Fact]
    public void Outputs_that_the_new_attempt_repeats_are_not_doubled()
    {
        _run.Emit("p", "out=1", """out={"k": 1.0}""");
        _run.TakeOver(Heir, TestRun.Host);

        var outcome = Report(0, TestRun.Ended(ExecutionStatus.Completed), "out=1", """out={"k":1.0}""", "out=3");

        Assert.Equal((true, 3, 2), (outcome.Accepted, outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal(["""{"a":1}""", """{"a":{"k":1.0}}""", """{"a":3}"""], _run.Inputs("s"));
        Assert.Equal([ExecutionStatus.Completed], _run.Statuses("p"));
    }

    [Theory]
    [InlineData("out=9")]
    [InlineData("other=2")]
    [InlineData("out=2.0")]
    public void From_where_the_new_attempt_differs_its_outputs_are_appended(string different)
    {
        _run.Emit("p", "out=1", "out=2", "out=3");
        _run.TakeOver(Heir, TestRun.Host);

        var outcome = Report(0, null, "out=1", different, "out=3");

        Assert.Equal((3, 2), (outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal(5, _run.Of("s").Count());
    }

    [Fact]
    public void A_third_attempt_repeats_what_the_first_two_left()
    {
        _run.Emit("p", "out=1");
        _run.TakeOver(Heir, TestRun.Host);
        Report(0, null, "out=1", "out=2");
        _run.TakeOver("host-3", Heir);

        var outcome = Report(0, TestRun.Ended(ExecutionStatus.Completed), "out=1", "out=2", "out=3");

        Assert.Equal(3, outcome.NextOrdinal);
        Assert.Equal(["""{"a":1}""", """{"a":2}""", """{"a":3}"""], _run.Inputs("s"));
    }

    [Fact]
    public void A_repeat_sent_twice_and_a_new_attempt_that_emits_less_add_nothing()
    {
        _run.Emit("p", "out=1", "out=2");
        _run.TakeOver(Heir, TestRun.Host);

        Report(0, null, "out=1");
        Report(0, null, "out=1");
        Report(1, TestRun.Ended(ExecutionStatus.Completed));

        Assert.Equal(2, _run.Of("s").Count());
        Assert.Equal([ExecutionStatus.Completed], _run.Statuses("p"));
    }

    [Theory]
    [InlineData("out=2")]
    [InlineData(null)]
    public void Repeats_that_were_acknowledged_before_a_rebuild_need_not_be_sent_again(string? output)
    {
        _run.Emit("p", "out=1", "out=2");
        _run.TakeOver(Heir, TestRun.Host);
        string[] rest = output is null ? [] : [output];
        Report(0, null, [.. new[] { "out=1", "out=2" }[..(2 - rest.Length)]]);
        _run.Rebuild();

        var outcome = Report(2 - rest.Length, TestRun.Ended(ExecutionStatus.Completed), rest);

        Assert.Equal((true, 2, 1), (outcome.Accepted, outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal([ExecutionStatus.Completed], _run.Statuses("p"));
    }

    [Fact]
    public void Beyond_the_repeats_a_gap_is_still_a_gap()
    {
        _run.Emit("p", "out=1", "out=2");
        _run.TakeOver(Heir, TestRun.Host);

        Assert.Equal((0, 0), (Report(3, null, "out=4").NextOrdinal, Report(3, null, "out=4").Events.Count));
    }

    [Fact]
    public void A_stopping_run_ends_what_its_dead_hosts_left()
    {
        _run.Stop();

        var runEvent = Assert.IsType<RunEvent.NodeEnded>(Assert.Single(_run.TakeOver(Heir, TestRun.Host)));
        _run.Decide(Heir);

        Assert.Equal(ExecutionStatus.Terminated, runEvent.Status);
        Assert.Equal([ExecutionStatus.Terminated], _run.Statuses("p"));
        Assert.Equal(ExecutionStatus.Terminated, _run.Run.Status);
    }

    private ReportOutcome Report(int first, NodeEnd? end, params string[] outputs)
    {
        var execution = _run.InFlight("p");
        return _run.Report(new NodeReport(execution.Id, execution.Attempt, first, TestRun.Outputs(outputs), end));
    }
}
