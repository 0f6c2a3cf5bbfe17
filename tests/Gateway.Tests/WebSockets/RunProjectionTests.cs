using Grainflow.Engine.Execution;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.WebSockets;

public sealed class RunProjectionTests
{
    [Fact]
    public void A_run_tells_its_story_from_the_queue_to_the_end()
    {
        var run = new RecordedRun(Chain(), """{"text": "hello"}""").Start();
        run.Report("text", [("result", "\"hello\"")]).Report("step", [("value", "\"HELLO\"")]).Report("out", [("output", "\"HELLO\"")]);

        Assert.Equal(
            [
                "run QUEUED", "text QUEUED", "run RUNNING", "text RUNNING",
                """text RUNNING result=["hello"]""", "step QUEUED", """text COMPLETED result=["hello"]""", "run RUNNING",
                "step RUNNING", """step RUNNING value=["HELLO"]""", "out QUEUED", """step COMPLETED value=["HELLO"]""", "run RUNNING",
                "out RUNNING", """out RUNNING output=["HELLO"]""", """out COMPLETED output=["HELLO"]""", "run RUNNING", "run COMPLETED",
            ],
            run.Story);
    }

    [Fact]
    public void Events_are_numbered_without_gaps()
    {
        var run = new RecordedRun(Chain(), """{"text": "hello"}""").Start().Report("text", [("result", "1")]);

        Assert.Equal(Enumerable.Range(1, run.Events.Count), run.Events.Select(liveEvent => liveEvent.GetProperty("seq").GetInt32()));
        Assert.Equal(run.Events.Count, run.Projection.Sequence);
        Assert.Equal(run.Log.Count, run.Projection.LogSequence);
    }

    [Fact]
    public void Each_output_shows_all_outputs_so_far()
    {
        var run = new RecordedRun(new LiveGraph(RecordedRun.GraphId).Step("step")).Start();
        run.Report("step", [("value", "1"), ("other", "2")], end: null).Report("step", [("value", "3")]);

        Assert.Equal(
            ["step RUNNING", "step RUNNING value=[1]", "step RUNNING value=[1] other=[2]", "step RUNNING value=[1,3] other=[2]", "step COMPLETED value=[1,3] other=[2]"],
            run.Story.Where(line => line.StartsWith("step", StringComparison.Ordinal)).Skip(1));
    }

    [Fact]
    public void An_input_that_waits_for_others_is_shown()
    {
        var graph = new LiveGraph(RecordedRun.GraphId).Step("a").Step("b").Step("join").Link("a.value", "join.first").Link("b.value", "join.second");
        var run = new RecordedRun(graph).Start().Report("a", [("value", "1")]);

        var waiting = Assert.Single(run.Events, liveEvent => liveEvent.GetProperty("status").GetString() == "INCOMPLETE");
        Assert.Equal("""{"first":1}""", waiting.GetProperty("input_data").GetRawText());
        run.Report("b", [("value", "2")]);
        Assert.Contains("join QUEUED", run.Story, StringComparer.Ordinal);
    }

    [Fact]
    public void A_failure_shows_the_error_as_output_and_counts_in_the_statistics()
    {
        var run = new RecordedRun(new LiveGraph(RecordedRun.GraphId).Step("step")).Start().Report("step", [], ExecutionStatus.Failed, "no luck");

        Assert.Equal("""step FAILED error=["no luck"]""", run.Story.Last(line => line.StartsWith("step", StringComparison.Ordinal)));
        var stats = run.Events[^1].GetProperty("stats");
        Assert.Equal(1, stats.GetProperty("node_error_count").GetInt32());
        Assert.Equal(2, stats.GetProperty("cost").GetInt32());
    }

    [Fact]
    public void A_stopped_run_ends_with_its_nodes_and_without_outputs()
    {
        var graph = new LiveGraph(RecordedRun.GraphId).Input("text").Output("out").Step("slow").Link("text.result", "out.value");
        var run = new RecordedRun(graph, """{"text": 1}""").Start().Report("text", [("result", "1")]).Report("out", [("output", "1")]);
        Assert.Equal("""{"out":[1]}""", run.Events.Last(liveEvent => liveEvent.TryGetProperty("outputs", out _)).GetProperty("outputs").GetRawText());

        run.Stop().Report("slow", [], ExecutionStatus.Terminated);

        Assert.Equal(["slow TERMINATED", "run RUNNING", "run TERMINATED"], run.Story.TakeLast(3));
        Assert.Equal("{}", run.Events[^1].GetProperty("outputs").GetRawText());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, run.Events[^3].GetProperty("end_time").ValueKind);
    }

    [Fact]
    public void A_run_that_is_stopped_while_it_waits_takes_its_nodes_along()
    {
        var run = new RecordedRun(Chain(), """{"text": 1}""").Stop();

        Assert.Equal(["run QUEUED", "text QUEUED", "text TERMINATED", "run TERMINATED"], run.Story);
    }

    [Fact]
    public void Another_attempt_is_no_news_until_it_says_something_new()
    {
        var run = new RecordedRun(new LiveGraph(RecordedRun.GraphId).Step("step")).Start().Report("step", [("value", "1")], end: null);
        var before = run.Events.Count;

        run.TakeOver();
        Assert.Equal(before, run.Events.Count);
        run.Report("step", [("value", "2")]);

        Assert.Equal(["step RUNNING value=[1,2]", "step COMPLETED value=[1,2]"], run.Story.Skip(before).Take(2));
    }

    [Fact]
    public void The_same_log_always_gives_the_same_events()
    {
        var first = new RecordedRun(Chain(), """{"text": 1}""").Start().Report("text", [("result", "1")]).Report("step", [("value", "2")]).Report("out", [("output", "2")]);
        var second = new RecordedRun(Chain(), """{"text": 1}""").Start().Report("text", [("result", "1")]).Report("step", [("value", "2")]).Report("out", [("output", "2")]);

        Assert.Equal(first.Events.Select(liveEvent => liveEvent.GetRawText()), second.Events.Select(liveEvent => liveEvent.GetRawText()));
    }

    private static LiveGraph Chain() =>
        new LiveGraph(RecordedRun.GraphId).Input("text").Step("step").Output("out").Link("text.result", "step.value").Link("step.value", "out.value");
}
