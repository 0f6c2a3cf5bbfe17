using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>A run says what it lost.</summary>
public sealed class RunWarningsTests
{
    [Fact]
    public void A_run_that_loses_nothing_has_no_warnings()
    {
        var run = new TestRun(Join()).Start();
        run.Complete("p", "out=1");
        run.Complete("q", "out=2");
        run.Complete("join");

        Assert.Equal((ExecutionStatus.Completed, RunWarnings.None), (run.Run.Status, run.Run.Warnings));
        Assert.Null(Assert.Single(run.Log.OfType<RunEvent.Ended>()).Warnings);
    }

    [Fact]
    public void A_node_that_got_a_value_and_never_ran_is_named_with_the_pins_that_were_missing_and_how_many_waited()
    {
        var run = new TestRun(Join()).Start();
        run.Complete("p", "out=1", "out=2", "out=3");
        run.Complete("q");

        var warning = Assert.Single(run.Run.Warnings.Items);
        Assert.Equal((RunWarningKind.NeverRan, "join", "Step", 3), (warning.Kind, warning.NodeId, warning.Node, warning.WaitingCount));
        Assert.Equal(["b"], warning.MissingPins);
        Assert.Equal("Node join (Step) never ran: nothing arrived on 'b', and 3 executions waited for it.", warning.Message);
        Assert.Equal((ExecutionStatus.Completed, 0), (run.Run.Status, run.Run.Warnings.Leftovers));
    }

    [Fact]
    public void What_is_left_over_at_a_node_that_did_run_is_a_count_and_no_warning()
    {
        var run = new TestRun(Join()).Start();
        run.Complete("p", "out=1", "out=2", "out=3");
        run.Complete("q", "out=1");
        run.Complete("join");

        Assert.Equal((0, 2), (run.Run.Warnings.Count, run.Run.Warnings.Leftovers));
    }

    [Fact]
    public void A_value_that_does_not_fit_is_the_reason_of_a_node_that_had_all_its_values()
    {
        var graph = new GraphBuilder().Node("p", FakeBlocks.Step).Node("n", FakeBlocks.Step).Link("p.out", "n.a_$_x");
        var run = new TestRun(graph).Start();
        run.Complete("p", "out=1");

        var warning = Assert.Single(run.Run.Warnings.Items);
        Assert.Null(warning.MissingPins);
        Assert.Contains("'x' is not an index", warning.Error, StringComparison.Ordinal);
        Assert.StartsWith("Node n (Step) never ran: 1 execution had a value on every input and could not start: ", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_static_value_that_never_came_is_missing_as_any_other()
    {
        var graph = new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Store).Node("n", FakeBlocks.Step).Link("p.out", "n.a").Link("p.other", "s.input").Link("s.output", "n.b", isStatic: true);
        var run = new TestRun(graph).Start();
        run.Complete("p", "out=1");

        Assert.Equal(["b"], Assert.Single(run.Run.Warnings.Items).MissingPins);
    }

    [Fact]
    public void A_run_that_was_stopped_has_left_nodes_waiting_on_purpose()
    {
        var run = new TestRun(Join()).Start();
        run.Complete("p", "out=1");
        run.Stop();
        run.End(run.InFlight("q"), TestRun.Ended(ExecutionStatus.Terminated));

        Assert.Equal((ExecutionStatus.Terminated, RunWarnings.None), (run.Run.Status, run.Run.Warnings));
    }

    [Fact]
    public void A_node_that_starts_and_whose_block_fails_did_run()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("n", FakeBlocks.Step).Link("p.out", "n.a")).Start();
        run.Complete("p", "out=1");
        run.Fail("n", "boom");

        Assert.Equal(RunWarnings.None, run.Run.Warnings);
    }

    [Fact]
    public void Outputs_that_were_refused_are_warnings_of_their_node_whatever_becomes_of_the_run()
    {
        var run = new TestRun(Join()).Start();
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Failed, "no") with { Warnings = RunWarnings.Of([RunWarning.Refused(["out"], 2, "too large")]) });
        run.Stop();
        run.End(run.InFlight("q"), TestRun.Ended(ExecutionStatus.Terminated));

        var warning = Assert.Single(run.Run.Warnings.Items);
        Assert.Equal((RunWarningKind.OutputRefused, "p", "Step", 2), (warning.Kind, warning.NodeId, warning.Node, warning.OutputCount));
        Assert.Equal("Node p (Step) lost 2 outputs on 'out': too large", warning.Message);
    }

    [Fact]
    public void A_sub_agent_tells_its_parent_of_failures_and_losses_with_the_path_down_to_the_innermost()
    {
        var inner = Child(Join());
        inner.Complete("p", "out=1");
        inner.Fail("q", "boom");
        Assert.Equal(["never_ran join"], inner.Run.Warnings.Items.Select(Short));
        Assert.Equal(["node_failed  / graph.q", "never_ran  / graph.join"], inner.Run.WarningsForParent.Items.Select(Short));

        var middle = Child(new GraphBuilder().Node("call", FakeBlocks.Step));
        middle.End(middle.InFlight("call"), TestRun.Ended(ExecutionStatus.Completed) with { Warnings = Stored(inner.Run.WarningsForParent) });
        var outer = new TestRun(new GraphBuilder().Node("top", FakeBlocks.Step, metadata: """{"customized_name": "Ask"}""")).Start();
        outer.End(outer.InFlight("top"), TestRun.Ended(ExecutionStatus.Completed) with { Warnings = Stored(middle.Run.WarningsForParent) });

        Assert.Equal(["node_failed top / graph.call / graph.q", "never_ran top / graph.call / graph.join"], outer.Run.Warnings.Items.Select(Short));
        Assert.Equal("Node q (Step) in sub-agent 'Test graph' > 'Test graph' of node top (Ask) failed: boom", outer.Run.Warnings.Items[0].Message);
        Assert.Equal((ExecutionStatus.Completed, 0), (outer.Run.Status, outer.Run.Stats.NodeErrorCount));
    }

    [Fact]
    public void The_run_at_the_top_has_its_own_failures_in_its_statistics_and_not_as_warnings()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)).Start();
        run.Fail("p", "boom");

        Assert.Equal((1, RunWarnings.None, RunWarnings.None), (run.Run.Stats.NodeErrorCount, run.Run.Warnings, run.Run.WarningsForParent));
    }

    [Fact]
    public void A_hundred_warnings_are_listed_and_the_others_are_a_number()
    {
        var graph = new GraphBuilder().Node("p", FakeBlocks.Step);
        for (var i = 0; i < 120; i++) graph.Node($"n{i}", FakeBlocks.Step).Link("p.out", $"n{i}.a").Link("p.other", $"n{i}.b");
        var run = Child(graph);
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Failed, "boom") with { Warnings = RunWarnings.Of(Enumerable.Repeat(RunWarning.Refused(["out"], 1, "no"), 3), omitted: 7) }, "out=1");

        Assert.Equal((100, 30, 130), (run.Run.Warnings.Items.Count, run.Run.Warnings.Omitted, run.Run.Warnings.Count));
        Assert.Equal((100, 31), (run.Run.WarningsForParent.Items.Count, run.Run.WarningsForParent.Omitted));
    }

    [Fact]
    public void Texts_and_lists_of_a_warning_are_bounded()
    {
        var warning = RunWarning.Refused(Enumerable.Range(0, 50).Select(i => $"{i}{new string('x', 500)}"), 50, new string('e', 2999) + "😀");

        Assert.Equal(10, warning.OutputPins!.Count);
        Assert.All(warning.OutputPins, pin => Assert.InRange(pin.Length, 1, 101));
        Assert.Equal(301, warning.Error!.Length);
    }

    [Fact]
    public void Replay_and_snapshots_end_with_the_same_warnings()
    {
        var run = Child(Join());
        run.Complete("p", "out=1");
        var (snapshot, taken) = (run.Run.Snapshot(), run.Log.Count);
        run.End(run.InFlight("q"), TestRun.Ended(ExecutionStatus.Failed, "boom") with { Warnings = RunWarnings.Of([RunWarning.Refused(["out"], 1, "no")]) });
        var (late, lateTaken) = (GraphRun.Restore(run.Graph, run.Spec, run.Limits, snapshot), taken);
        foreach (var runEvent in run.Log.Skip(lateTaken)) late.Apply(StoredForm.Again(runEvent));

        // A run that is decided again after a crash comes to the same end.
        var decided = GraphRun.Restore(run.Graph, run.Spec, run.Limits, snapshot);
        foreach (var runEvent in run.Log.Skip(taken).Where(runEvent => runEvent is not RunEvent.Ended)) decided.Apply(StoredForm.Again(runEvent));
        decided = GraphRun.Restore(run.Graph, run.Spec, run.Limits, decided.Snapshot());
        decided.Decide(TestRun.Begin.AddSeconds(1), new RunOwner(TestRun.Host, 0));

        Assert.Equal(2, run.Run.Warnings.Count);
        var expected = (Text(run.Run.Warnings), Text(run.Run.WarningsForParent));
        Assert.Equal(expected, (Text(late.Warnings), Text(late.WarningsForParent)));
        Assert.Equal(expected, (Text(decided.Warnings), Text(decided.WarningsForParent)));
    }

    [Fact]
    public void After_a_snapshot_from_before_warnings_no_node_is_said_to_have_never_run()
    {
        var run = new TestRun(Join()).Start();
        run.Complete("p", "out=1");
        var old = System.Text.RegularExpressions.Regex.Replace(System.Text.Encoding.UTF8.GetString(run.Run.Snapshot()), "\"queued_nodes\":\\[[^]]*\\],", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        var restored = GraphRun.Restore(run.Graph, run.Spec, run.Limits, System.Text.Encoding.UTF8.GetBytes(old));
        restored.Report(new NodeReport(run.InFlight("q").Id, 1, 0, [], TestRun.Ended(ExecutionStatus.Completed)), TestRun.Begin);
        restored.Decide(TestRun.Begin, new RunOwner(TestRun.Host, 0));

        Assert.Equal((ExecutionStatus.Completed, 0, 1), (restored.Status, restored.Warnings.Count, restored.Warnings.Leftovers));
    }

    private static GraphBuilder Join() =>
        new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step).Node("join", FakeBlocks.Step).Link("p.out", "join.a").Link("q.out", "join.b");

    private static TestRun Child(GraphBuilder graph) => new TestRun(graph, change: spec => spec with { ParentRunId = Guid.NewGuid() }).Start();

    /// <summary>As messages and the log carry them.</summary>
    private static RunWarnings Stored(RunWarnings warnings) => RunWarnings.FromUtf8(warnings.ToUtf8());

    private static string Text(RunWarnings warnings) => System.Text.Encoding.UTF8.GetString(warnings.ToUtf8());

    private static string Short(RunWarning warning) =>
        $"{(warning.Kind == RunWarningKind.NodeFailed ? "node_failed" : "never_ran")} {string.Join(" / ", (warning.Path ?? []).Select(step => $"{step.GraphId}.{step.NodeId}").Prepend(warning.NodeId))}";
}
