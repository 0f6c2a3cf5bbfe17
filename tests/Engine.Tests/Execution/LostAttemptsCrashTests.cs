using System.Text;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>A node execution whose processes keep dying is given up, so that it cannot end every process that takes it over.</summary>
public sealed class LostAttemptsCrashTests
{
    private const string Reason = "The process that ran this node ended 3 times while it was running; it is not tried again.";

    private static GraphBuilder Graph => new GraphBuilder()
        .Node("p", FakeBlocks.Step with { Costs = [new CostRule(3, CostType.Run, JsonValues.EmptyObject)] }).Node("s", FakeBlocks.Step).Node("e", FakeBlocks.Step)
        .Link("p.out", "s.a").Link("p.error", "e.a");

    private readonly TestRun _run = new TestRun(Graph).Start();

    [Fact]
    public void A_node_whose_process_died_three_times_under_it_fails_with_the_reason_and_its_error_flows_on()
    {
        Die(1);
        Die(2);
        Assert.Equal((3, 2), (_run.InFlight("p").Attempt, _run.InFlight("p").LostAttempts));

        var runEvent = Assert.IsType<RunEvent.NodeEnded>(Assert.Single(Die(3)));
        _run.Decide("host-4");

        Assert.Equal((ExecutionStatus.Failed, Reason, 3), (runEvent.Status, runEvent.Error, runEvent.Attempt));
        Assert.Equal([ExecutionStatus.Failed], _run.Statuses("p"));
        Assert.Contains("it is not tried again", Assert.Single(_run.Inputs("e")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_charged_for_it_stays_charged()
    {
        Die(1);
        Die(2);
        var id = _run.InFlight("p").Id;
        _run.BeginBlock(_run.InFlight("p"));
        Assert.Equal([id], Ended("host-3"));

        var runEvent = Assert.IsType<RunEvent.NodeEnded>(Assert.Single(_run.TakeOver("host-4", asked => asked == id ? 3 : 99, "host-3")));

        Assert.Equal(3, runEvent.Charged);
        Assert.Equal(3, _run.Run.Stats.Cost);
    }

    [Fact]
    public void A_stopping_run_counts_what_its_dead_hosts_had_charged()
    {
        _run.Stop();
        var id = _run.InFlight("p").Id;
        Assert.Equal([id], Ended(TestRun.Host));

        _run.TakeOver("host-2", _ => 3, TestRun.Host);
        _run.Decide("host-2");

        Assert.Equal((ExecutionStatus.Terminated, 3L), (_run.Run.Status, _run.Run.Stats.Cost));
    }

    [Fact]
    public void What_is_dispatched_again_is_not_asked_for_in_the_ledger()
    {
        Assert.Empty(Ended(TestRun.Host));

        _run.TakeOver("host-2", _ => throw new InvalidOperationException("must not be asked"), TestRun.Host);

        Assert.Equal(2, _run.InFlight("p").Attempt);
    }

    [Fact]
    public void An_attempt_that_a_stop_in_order_interrupted_does_not_count()
    {
        for (var i = 1; i <= 10; i++)
        {
            Assert.IsType<RunEvent.NodeInterrupted>(Assert.Single(Interrupt().Events));
            Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(Die(i)));
        }

        Assert.Equal((11, 0), (_run.InFlight("p").Attempt, _run.InFlight("p").LostAttempts));
    }

    [Fact]
    public void An_interruption_is_recorded_once_and_only_for_the_attempt_that_is_under_way()
    {
        var before = _run.InFlight("p");
        Assert.Single(Interrupt().Events);

        Assert.Empty(Interrupt().Events);
        Die(1);

        Assert.False(_run.Report(new NodeReport(before.Id, 1, 0, [], null) { Interrupted = true }).Accepted);
        Assert.Empty(Ended("host-2"));
    }

    [Fact]
    public void After_an_interruption_the_next_death_counts_again()
    {
        Interrupt();
        Die(1);
        Die(2);
        Die(3);

        Assert.Equal(Reason, Assert.IsType<RunEvent.NodeEnded>(Assert.Single(Die(4))).Error);
    }

    [Fact]
    public void The_number_of_attempts_is_a_setting()
    {
        var once = new TestRun(Graph, limits: new RunLimits { MaxAttempts = 1 }).Start();

        once.BeginBlock(once.InFlight("p"));

        var runEvent = Assert.IsType<RunEvent.NodeEnded>(Assert.Single(once.TakeOver("host-2", TestRun.Host)));

        Assert.Equal("The process that ran this node ended once while it was running; it is not tried again.", runEvent.Error);
    }

    [Fact]
    public void A_run_rebuilt_from_its_log_or_a_snapshot_knows_the_attempts_that_were_lost()
    {
        Die(1);
        Interrupt();
        var restored = GraphRun.Restore(_run.Graph, _run.Spec, _run.Limits, _run.Run.Snapshot());
        _run.Rebuild();
        Assert.Equal(_run.Run.Snapshot(), restored.Snapshot());

        Die(2);

        Assert.Equal((3, 1), (_run.InFlight("p").Attempt, _run.InFlight("p").LostAttempts));
    }

    [Fact]
    public void In_a_snapshot_from_before_attempts_were_limited_every_earlier_attempt_counts_as_lost()
    {
        Die(1);
        Die(2);
        var old = Encoding.UTF8.GetString(_run.Run.Snapshot()).Replace("\"lost_attempts\":2,", "", StringComparison.Ordinal);
        Assert.DoesNotContain("lost_attempts", old, StringComparison.Ordinal);

        var restored = GraphRun.Restore(_run.Graph, _run.Spec, _run.Limits, Encoding.UTF8.GetBytes(old));

        Assert.Equal(2, Assert.Single(restored.InFlight).LostAttempts);
    }

    /// <summary>Begins the attempt, unless it was begun, and takes over from its host.</summary>
    private IReadOnlyList<RunEvent> Die(int host)
    {
        if (!_run.InFlight("p").HasBegun) _run.BeginBlock(_run.InFlight("p"));
        return _run.TakeOver($"host-{host + 1}", $"host-{host}");
    }

    private IEnumerable<Guid> Ended(string host) => _run.Run.Overdue(TestRun.Gone(host)).End.Select(execution => execution.Id);

    private ReportOutcome Interrupt()
    {
        var execution = _run.InFlight("p");
        return _run.Report(new NodeReport(execution.Id, execution.Attempt, 0, [], null) { Interrupted = true, Start = execution.Start });
    }
}
