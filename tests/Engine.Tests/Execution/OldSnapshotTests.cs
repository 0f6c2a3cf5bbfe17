using System.Text;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Snapshots outlive the version that wrote them. This one was written before attempts were limited and values of routed outputs were dropped.</summary>
public sealed class OldSnapshotTests
{
    private const string Old =
        """
        {"status":"Running","started_at":"2026-01-05T09:00:00.001+00:00","stats":{},"created":5,"dispatched":3,"executions":[
        {"id":"8d98b5f3-2c2f-43f4-bf64-bcd8f42269aa","ordinal":0,"node_id":"p","status":"Running","attempt":2,"host":"host-2","input":{},"price":3,"added_at":"2026-01-05T09:00:00+00:00","queued_at":"2026-01-05T09:00:00+00:00","started_at":"2026-01-05T09:00:00.002+00:00","outputs":[{"pin":"out","value":1},{"pin":"out","value":{"k":[1.0,"é\n"]}}],"routed":2,"next_ordinal":1,"inherited":2,"repeating":true},
        {"id":"978ee944-dfa2-444b-b51d-68786df96bea","ordinal":1,"node_id":"s","status":"Running","attempt":2,"host":"host-2","input":{"a":1},"price":3,"added_at":"2026-01-05T09:00:00.003+00:00","queued_at":"2026-01-05T09:00:00.003+00:00","started_at":"2026-01-05T09:00:00.004+00:00","outputs":[]},
        {"id":"b9be2134-488c-4f4c-9d23-27feda947ee9","ordinal":2,"node_id":"w","status":"Incomplete","input":{"a":1},"added_at":"2026-01-05T09:00:00.003+00:00","outputs":[]},
        {"id":"ea6192e8-cd89-45e4-93cc-d58431942189","ordinal":3,"node_id":"s","status":"Running","attempt":2,"host":"host-2","input":{"a":{"k":[1.0,"é\n"]}},"price":3,"added_at":"2026-01-05T09:00:00.003+00:00","queued_at":"2026-01-05T09:00:00.003+00:00","started_at":"2026-01-05T09:00:00.004+00:00","outputs":[{"pin":"out","value":5},{"pin":"out","value":null}],"inherited":2,"repeating":true},
        {"id":"4b3b0989-73f0-4a36-9e7e-537f771be976","ordinal":4,"node_id":"w","status":"Incomplete","input":{"a":{"k":[1.0,"é\n"]}},"added_at":"2026-01-05T09:00:00.003+00:00","outputs":[]}],
        "ready":[],"lanes":{"p":["8d98b5f3-2c2f-43f4-bf64-bcd8f42269aa"],"s":["978ee944-dfa2-444b-b51d-68786df96bea","ea6192e8-cd89-45e4-93cc-d58431942189"]},"last_input":{"p":{},"s":{"a":{"k":[1.0,"é\n"]}}}}
        """;

    private static readonly GraphIndex Graph = new GraphBuilder()
        .Node("p", FakeBlocks.Step with { Costs = [new CostRule(3, CostType.Run, JsonValues.EmptyObject)] }).Node("s", FakeBlocks.Step).Node("t", FakeBlocks.Step).Node("w", FakeBlocks.Step)
        .Link("p.out", "s.a").Link("s.out", "t.a").Link("p.out", "w.a").Link("t.out", "w.b").Index();

    private readonly GraphRun _run = GraphRun.Restore(Graph, RunPlanner.Plan(Graph, TestRun.Request()), new RunLimits(), Encoding.UTF8.GetBytes(Old));

    [Fact]
    public void A_third_attempt_still_repeats_what_was_routed()
    {
        var p = Find("p");
        Assert.Equal((2, 1, 1), (p.Attempt, p.LostAttempts, p.NextOrdinal));
        TakeOver();

        var outcome = Report(p, TestRun.Ended(ExecutionStatus.Completed), "out=1", """out={"k":[1.0,"\u00e9\n"]}""", "out=3");

        Assert.Equal((3, 2), (outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal(3, Assert.IsType<RunEvent.NodeOutput>(outcome.Events[0]).Value.GetInt32());
    }

    [Fact]
    public void Outputs_that_were_not_routed_still_are_when_their_turn_comes()
    {
        TakeOver();
        _run.DrainChanges();

        Report(Find("s", 0), TestRun.Ended(ExecutionStatus.Completed), "out=7");
        Report(Find("s", 0), TestRun.Ended(ExecutionStatus.Completed), "out=5", "out=null");

        Assert.Equal(["7", "5", "null"], _run.DrainChanges().Where(execution => execution.NodeId == "t").Select(execution => JsonValues.Compact(execution.Input["a"])));
    }

    [Fact]
    public void The_executions_that_wait_get_their_inputs_in_their_order()
    {
        TakeOver();
        Report(Find("s", 0), TestRun.Ended(ExecutionStatus.Completed), "out=7");
        _run.Decide(TestRun.Begin, new RunOwner("host-3", 0));
        _run.DrainChanges();

        Report(Find("t", 0), TestRun.Ended(ExecutionStatus.Completed), "out=\"x\"");

        var complete = Assert.Single(_run.DrainChanges(), execution => execution.NodeId == "w");
        Assert.Equal((2, ExecutionStatus.Queued, "1"), (complete.Ordinal, complete.Status, JsonValues.Compact(complete.Input["a"])));
    }

    [Fact]
    public void What_it_holds_is_counted_and_a_snapshot_in_the_new_form_restores_the_same()
    {
        Assert.InRange(_run.OpenBytes, 1, 100);

        var again = GraphRun.Restore(Graph, RunPlanner.Plan(Graph, TestRun.Request()), new RunLimits(), _run.Snapshot());

        Assert.Equal(_run.Snapshot(), again.Snapshot());
        Assert.Equal(_run.OpenBytes, again.OpenBytes);
    }

    private NodeExecution Find(string node, int nth = 0) => _run.InFlight.Where(execution => execution.NodeId == node).OrderBy(execution => execution.Ordinal).ElementAt(nth);

    private void TakeOver() => _run.TakeOver(TestRun.Begin, new RunOwner("host-3", 0), TestRun.Gone("host-2"), _ => 0);

    private ReportOutcome Report(NodeExecution execution, NodeEnd end, params string[] outputs) =>
        _run.Report(new NodeReport(execution.Id, execution.Attempt, 0, TestRun.Outputs(outputs), end), TestRun.Begin);
}
