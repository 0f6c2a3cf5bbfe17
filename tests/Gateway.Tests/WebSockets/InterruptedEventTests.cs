using Grainflow.Engine.Execution;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.WebSockets;

public sealed class InterruptedEventTests
{
    [Fact]
    public void An_interruption_is_no_event_and_leaves_no_gap()
    {
        var run = new RecordedRun(new LiveGraph(RecordedRun.GraphId).Step("step")).Start();
        var before = run.Events.Count;

        run.Interrupt("step").TakeOver();
        Assert.Equal(before, run.Events.Count);
        run.Report("step", [("value", "1")]);

        Assert.Contains(run.Log, runEvent => runEvent is RunEvent.NodeInterrupted);
        Assert.Equal(run.Log.Count, run.Projection.LogSequence);
        Assert.Equal(Enumerable.Range(1, run.Events.Count), run.Events.Select(liveEvent => liveEvent.GetProperty("seq").GetInt32()));
        Assert.Equal("run COMPLETED", run.Story.Last());
    }
}
