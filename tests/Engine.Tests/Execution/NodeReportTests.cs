using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;

namespace Grainflow.Engine.Tests.Execution;

public sealed class NodeReportTests
{
    private readonly TestRun _run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a")).Start();

    [Fact]
    public void New_outputs_are_accepted_in_order()
    {
        var outcome = Report(0, null, "out=1", "out=2");

        Assert.Equal((true, 2, 2), (outcome.Accepted, outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal([0, 1], outcome.Events.Cast<RunEvent.NodeOutput>().Select(runEvent => runEvent.Ordinal));
    }

    [Fact]
    public void A_report_sent_twice_says_nothing_new()
    {
        Report(0, null, "out=1", "out=2");

        var again = Report(0, null, "out=1", "out=2");

        Assert.Equal((true, 2, 0), (again.Accepted, again.NextOrdinal, again.Events.Count));
        Assert.Equal(2, _run.Of("s").Count());
    }

    [Fact]
    public void What_overlaps_is_taken_from_where_it_is_new()
    {
        Report(0, null, "out=1", "out=2");

        var outcome = Report(1, null, "out=2", "out=3");

        Assert.Equal((3, 1), (outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal(["""{"a":1}""", """{"a":2}""", """{"a":3}"""], _run.Inputs("s"));
    }

    [Fact]
    public void A_gap_is_answered_with_what_is_missing()
    {
        Report(0, null, "out=1");

        var outcome = Report(2, TestRun.Ended(ExecutionStatus.Completed), "out=3");

        Assert.Equal((true, 1, 0), (outcome.Accepted, outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal([ExecutionStatus.Running], _run.Statuses("p"));
    }

    [Fact]
    public void An_end_is_taken_only_when_all_outputs_before_it_are_there()
    {
        Assert.Empty(Report(1, TestRun.Ended(ExecutionStatus.Completed)).Events);

        Report(0, null, "out=1");

        Assert.IsType<RunEvent.NodeEnded>(Assert.Single(Report(1, TestRun.Ended(ExecutionStatus.Completed)).Events));
        Assert.Equal([ExecutionStatus.Completed], _run.Statuses("p"));
    }

    [Fact]
    public void Outputs_and_end_may_come_together()
    {
        var outcome = Report(0, TestRun.Ended(ExecutionStatus.Failed, "boom"), "out=1");

        Assert.Equal(2, outcome.Events.Count);
        Assert.Equal([ExecutionStatus.Failed], _run.Statuses("p"));
    }

    [Fact]
    public void After_the_end_reports_are_stale()
    {
        var execution = _run.InFlight("p");
        Report(0, TestRun.Ended(ExecutionStatus.Completed));

        var late = _run.Report(new NodeReport(execution.Id, 1, 0, TestRun.Outputs("out=1"), TestRun.Ended(ExecutionStatus.Failed, "late")));

        Assert.Equal((false, 0), (late.Accepted, late.Events.Count));
        Assert.Equal([ExecutionStatus.Completed], _run.Statuses("p"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_report_of_another_attempt_is_stale(int attempt) =>
        Assert.Same(ReportOutcome.Stale, _run.Report(new NodeReport(_run.InFlight("p").Id, attempt, 0, TestRun.Outputs("out=1"), null)));

    [Fact]
    public void A_report_of_an_execution_that_is_not_known_is_stale() =>
        Assert.False(_run.Report(new NodeReport(TestRun.Id, 1, 0, [], TestRun.Ended(ExecutionStatus.Completed))).Accepted);

    [Fact]
    public void A_report_without_outputs_and_end_only_asks()
    {
        var outcome = Report(0, null);

        Assert.Equal((true, 0, 0), (outcome.Accepted, outcome.NextOrdinal, outcome.Events.Count));
    }

    [Fact]
    public void A_stopping_run_still_takes_reports()
    {
        _run.Stop();

        Assert.True(Report(0, TestRun.Ended(ExecutionStatus.Terminated), "out=1").Accepted);
        _run.Decide();

        Assert.Equal(ExecutionStatus.Terminated, _run.Run.Status);
        Assert.Equal([ExecutionStatus.Terminated], _run.Statuses("s"));
    }

    private ReportOutcome Report(int first, NodeEnd? end, params string[] outputs) => _run.Report(new NodeReport(_run.InFlight("p").Id, 1, first, TestRun.Outputs(outputs), end));
}
