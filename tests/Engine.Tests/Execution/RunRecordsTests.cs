using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>The stored forms: events, spec and snapshot read back as they were.</summary>
public sealed class RunRecordsTests
{
    private static readonly DateTimeOffset At = TestRun.Begin.AddTicks(1234567);

    public static TheoryData<RunEvent> Facts =>
    [
        new RunEvent.Started(At),
        new RunEvent.NodeDispatched(At, TestRun.Id, 1, "host-1", 0),
        new RunEvent.NodeDispatched(At, TestRun.Id, 7, "host-2", 16),
        new RunEvent.NodeDispatched(At, TestRun.Id, 1, "host-2", 0, Epoch: 3),
        new RunEvent.NodeDispatched(At, TestRun.Id, 2, "host-2", 0, Epoch: 3, NotBefore: At.AddSeconds(1), ReportsBegin: true),
        new RunEvent.NodeBegan(At, TestRun.Id, 2, new AttemptStart("10.0.0.7:11111@509871234", 12)),
        new RunEvent.NodeSkipped(At, TestRun.Id),
        new RunEvent.NodeInterrupted(At, TestRun.Id, 2),
        new RunEvent.NodeOutput(At, TestRun.Id, 2, 0, "out_#_é", JsonValues.Parse("""{"b":5.0,"a":[1e3,null]}""")),
        new RunEvent.NodeEnded(At, TestRun.Id, 1, ExecutionStatus.Completed, null, 0, OutOfCredits: false, NodeStats.None),
        new RunEvent.NodeEnded(At, TestRun.Id, 3, ExecutionStatus.Failed, "boom \"é\"", 5, OutOfCredits: true, new NodeStats { WallTime = 0.1, InputSize = 5, ExtraCost = 2, ExtraSteps = 3 }),
        new RunEvent.NodeEnded(At, TestRun.Id, 1, ExecutionStatus.Completed, null, 0, OutOfCredits: false, new NodeStats { LlmCallCount = 2, InputTokenCount = 900, OutputTokenCount = 100, ContextUsed = 600, ContextMax = 128_000 }),
        new RunEvent.NodeEnded(At, TestRun.Id, 1, ExecutionStatus.Failed, "spent", 0, OutOfCredits: false, NodeStats.None, OverBudget: true),
        new RunEvent.StopRequested(At, ExecutionStatus.Terminated, null),
        new RunEvent.StopRequested(At, ExecutionStatus.Failed, "no credits", RunFailures.InsufficientBalance),
        new RunEvent.Ended(At, ExecutionStatus.Failed, "why"),
    ];

    [Theory]
    [MemberData(nameof(Facts))]
    public void An_event_reads_back_as_it_was(RunEvent runEvent)
    {
        var again = StoredForm.Again(runEvent);

        Assert.Equal(runEvent.GetType(), again.GetType());
        Assert.Equal(StoredForm.Text(runEvent), StoredForm.Text(again));
        if (runEvent is not RunEvent.NodeOutput) Assert.Equal(runEvent, again);
    }

    [Fact]
    public void An_event_of_a_kind_that_is_not_known_is_refused() =>
        Assert.Contains("'from_the_future'", Assert.Throws<JsonException>(() => RunEventCodec.Read("from_the_future", "{}"u8, null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_spec_reads_back_as_it_was()
    {
        var spec = RunPlanner.Plan(
            new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x"}""").Index(),
            TestRun.Request("""{"x": 5.0, "unknown": null}""") with
            {
                UserTimeZone = "Europe/Oslo",
                Parent = new ParentRun(TestRun.Id, TestRun.Id, TestRun.Id, 3),
                Masks = System.Collections.Immutable.ImmutableDictionary<string, PinValues>.Empty.Add("i", new PinValues(StringComparer.Ordinal) { ["z"] = JsonValues.Null, ["a"] = JsonValues.From(1) }),
            }) with
        { NodesToSkip = ["k"] };

        var again = RunSpecCodec.Read(RunSpecCodec.Write(spec));

        Assert.Equal(RunSpecCodec.Write(spec), RunSpecCodec.Write(again));
        Assert.Equal((spec.RunId, spec.UserId, spec.GraphVersion, spec.CreatedAt, spec.Depth, spec.RootRunId, spec.ParentRunId), (again.RunId, again.UserId, again.GraphVersion, again.CreatedAt, again.Depth, again.RootRunId, again.ParentRunId));
        Assert.Equal(["z", "a"], again.Mask("i")!.Keys);
        Assert.Equal("5.0", Assert.Single(again.Starts).Input["value"].GetRawText());
        Assert.Contains("k", again.NodesToSkip);
        Assert.Null(again.Mask("other"));
    }

    [Fact]
    public void A_spec_from_before_traces_can_be_read_and_one_without_is_written_as_it_always_was()
    {
        var spec = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)).Spec;
        var written = System.Text.Encoding.UTF8.GetString(RunSpecCodec.Write(spec));
        Assert.DoesNotContain("trace", written, StringComparison.Ordinal);
        Assert.Null(RunSpecCodec.Read(RunSpecCodec.Write(spec)).TraceParent);
        var traced = spec with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
        Assert.Equal(traced.TraceParent, RunSpecCodec.Read(RunSpecCodec.Write(traced)).TraceParent);
    }

    [Fact]
    public void A_snapshot_taken_at_any_time_restores_the_same_state()
    {
        var run = new TestRun(
            new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step).Node("s", FakeBlocks.Step).Node("t", FakeBlocks.Step)
                .Link("p.out", "s.a", isStatic: true).Link("q.out", "s.b").Link("s.out", "t.a"),
            limits: new RunLimits { MaxInFlight = 2 });
        AssertRestores(run);
        run.Start();
        AssertRestores(run);
        run.Emit("q", "out=1", "out=5.0", "out=null");
        AssertRestores(run);
        run.Complete("p", "out={\"é\":[1]}");
        AssertRestores(run);
        run.Complete("q");
        AssertRestores(run);
        run.Complete(run.InFlight("s", 1), "out=2");
        AssertRestores(run);
        run.Stop();
        AssertRestores(run);
        run.Fail("s", "boom");
        AssertRestores(run);
        run.End(run.InFlight("s"), TestRun.Ended(ExecutionStatus.Terminated));
        AssertRestores(run);
        Assert.Equal(ExecutionStatus.Terminated, run.Run.Status);
    }

    [Fact]
    public void A_snapshot_keeps_what_a_second_attempt_has_repeated_and_that_a_node_waits_for_review()
    {
        var paid = FakeBlocks.Step with { Costs = [new CostRule(3, CostType.Run, JsonValues.EmptyObject)] };
        var run = new TestRun(new GraphBuilder().Node("p", paid).Node("q", FakeBlocks.Step)).Start();
        run.End(run.InFlight("q"), TestRun.Ended(ExecutionStatus.Review));
        run.Emit("p", "out=1", "out=2", "out=3");
        run.TakeOver("host-2", TestRun.Host);
        run.Emit("p", "out=1");

        var restored = GraphRun.Restore(run.Graph, run.Spec, run.Limits, run.Run.Snapshot());

        var execution = Assert.Single(restored.InFlight);
        Assert.Equal((2, "host-2", 3L), (execution.Attempt, execution.Host, execution.Price));
        var outcome = restored.Report(new NodeReport(execution.Id, 2, 1, TestRun.Outputs("out=2", "out=3", "out=4"), TestRun.Ended(ExecutionStatus.Completed)), At);
        Assert.Equal((4, 2), (outcome.NextOrdinal, outcome.Events.Count));
        Assert.Equal(ExecutionStatus.Review, Assert.IsType<RunEvent.Ended>(Assert.Single(restored.Decide(At, new RunOwner("host-2", 0)))).Status);
    }

    [Fact]
    public void What_is_no_snapshot_is_refused()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step));

        Assert.Throws<JsonException>(() => GraphRun.Restore(run.Graph, run.Spec, run.Limits, "null"u8));
        Assert.Throws<JsonException>(() => GraphRun.Restore(run.Graph, run.Spec, run.Limits, "{}"u8));
    }

    [Fact]
    public void A_log_of_another_run_is_refused()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step));

        Assert.Throws<InvalidOperationException>(() => run.Apply(at => new RunEvent.NodeDispatched(at, TestRun.Id, 1, TestRun.Host, 0)));
        Assert.Throws<InvalidOperationException>(() => run.Apply(at => new RunEvent.NodeOutput(at, TestRun.Id, 1, 0, "out", JsonValues.Null)));
        Assert.Throws<InvalidOperationException>(() => run.Apply(at => new RunEvent.NodeDispatched(at, TestRun.Id, 2, TestRun.Host, 0)));
    }

    private static void AssertRestores(TestRun run)
    {
        var snapshot = run.Run.Snapshot();

        var restored = GraphRun.Restore(run.Graph, run.Spec, run.Limits, snapshot);

        Assert.Empty(restored.DrainChanges());
        Assert.Equal(snapshot, restored.Snapshot());
        Assert.Equal((run.Run.Status, run.Run.Error, run.Run.StartedAt, run.Run.EndedAt, run.Run.Deadline, run.Run.IsStopping), (restored.Status, restored.Error, restored.StartedAt, restored.EndedAt, restored.Deadline, restored.IsStopping));
    }
}
