using Grainflow.Engine.Execution;

namespace Grainflow.Engine.Tests.Execution;

public sealed class RunLogTextTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = new("7c5f1b9e-0c1d-4c2b-8a73-2f9d1f4f6a01");

    public static TheoryData<RunEvent, int?, string> Events => new()
    {
        { new RunEvent.Started(Noon), 20, "The run began." },
        { new RunEvent.Started(Noon), 3200, "The run began after it had waited 3.20 s for its turn among the runs." },
        { new RunEvent.NodeDispatched(Noon, Id, 1, "silo", 0), null, "Attempt 1 was sent to a silo." },
        { new RunEvent.NodeDispatched(Noon, Id, 1, "silo", 0), 50, "Attempt 1 was sent to a silo after it had waited 0.05 s for its turn in the run." },
        { new RunEvent.NodeDispatched(Noon, Id, 2, "silo", 0, NotBefore: Noon.AddSeconds(1)), null, "Attempt 2 follows, no earlier than 12:00:01 UTC, because the attempt before it was lost." },
        { new RunEvent.NodeBegan(Noon, Id, 1, new AttemptStart("silo", 1)), null, "Attempt 1 began on silo." },
        { new RunEvent.NodeBegan(Noon, Id, 1, new AttemptStart("silo", 1)), 1_500_000, "Attempt 1 began on silo after it had waited 1,500.00 s for a free place or for its credentials." },
        { new RunEvent.NodeInterrupted(Noon, Id, 1), null, "Attempt 1 was interrupted, because its process shuts down; it does not count as lost, and another follows." },
        { new RunEvent.NodeSkipped(Noon, Id), null, "Skipped: its credentials are optional and were not given." },
        { Ended(ExecutionStatus.Completed, new NodeStats { WallTime = 1.234 }), null, "Completed in 1.23 s." },
        { Ended(ExecutionStatus.Completed, new NodeStats { LlmCallCount = 1 }), null, "Completed in 0.00 s. Models were called once." },
        { Ended(ExecutionStatus.Failed, new NodeStats { LlmCallCount = 3, LlmRetryCount = 1 }, "no"), null, "Failed after 0.00 s: no Models were called 3 times, of which 1 repeated another call." },
        { Ended(ExecutionStatus.Review), null, "Waits for a person." },
        { Ended(ExecutionStatus.Terminated), null, "Stopped before its end." },
        { new RunEvent.Reviewed(Noon), null, "All reviews are decided, and the run goes on." },
        { new RunEvent.StopRequested(Noon, ExecutionStatus.Terminated, null), null, "Its user stopped the run." },
        { new RunEvent.StopRequested(Noon, ExecutionStatus.Failed, "too long"), null, "The run has to end: too long" },
        { new RunEvent.Ended(Noon, ExecutionStatus.Completed, null), null, "The run has ended: COMPLETED." },
        { new RunEvent.Ended(Noon, ExecutionStatus.Failed, "too long"), null, "The run has ended: FAILED, too long" },
        { new RunEvent.Ended(Noon, ExecutionStatus.Review, null), null, "The run waits for a person." },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public void Each_event_is_told_with_what_it_waited_for(RunEvent logged, int? waitedMilliseconds, string text) =>
        Assert.Equal(text, RunLogText.Of(logged, waitedMilliseconds is { } waited ? Noon.AddMilliseconds(-waited) : null));

    [Fact]
    public void Every_kind_of_event_has_a_text()
    {
        var kinds = typeof(RunEvent).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(RunEvent))).ToHashSet();
        kinds.ExceptWith(Events.Select(row => row.Data.Item1.GetType()));
        Assert.Equal([typeof(RunEvent.NodeOutput)], kinds);
        Assert.Equal("A value came out at p.", RunLogText.Of(new RunEvent.NodeOutput(Noon, Id, 1, 0, "p", default), null));
    }

    private static RunEvent.NodeEnded Ended(ExecutionStatus status, NodeStats? stats = null, string? error = null) => new(Noon, Id, 1, status, error, 0, false, stats ?? NodeStats.None);
}
