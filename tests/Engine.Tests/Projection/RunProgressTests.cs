using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Tests.Execution;
using Grainflow.Engine.Tests.Graphs;

namespace Grainflow.Engine.Tests.Projection;

public sealed class RunProgressTests
{
    [Fact]
    public void A_run_is_shown_line_by_line()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step, metadata: """{"customized_name": "First"}""").Node("n", FakeBlocks.Step).Link("p.out", "n.a").Link("p.other", "n.b")).Start();
        run.TakeOver("host-2", TestRun.Host);
        run.Complete("p", $"out=\"{new string('x', 100)}\"");

        Assert.Equal(
            [
                $"Neutral Test graph: run {TestRun.Id} started, 2 nodes",
                "Started start First",
                "Notable again First (attempt 2)",
                $"Neutral   out First out = \"{new string('x', 69)}... (102 characters)",
                "Succeeded  done First COMPLETED in 0 ms",
                "Notable warning: Node n (Step) never ran: nothing arrived on 'b', and 1 execution waited for it.",
                "Succeeded Test graph: COMPLETED with 1 warning",
            ],
            Lines(run));
    }

    [Fact]
    public void Failures_stops_and_reasons_are_shown()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step)).Start();
        run.Fail("p", "boom");
        run.Apply(at => new RunEvent.StopRequested(at, ExecutionStatus.Failed, "too long"));
        run.End(run.InFlight("q"), TestRun.Ended(ExecutionStatus.Terminated));

        Assert.Equal(["Failed  fail Step: boom", "Notable stopping: too long", "Succeeded  done Step TERMINATED in 0 ms", "Failed Test graph: FAILED: too long"], Lines(run).TakeLast(4));
    }

    [Fact]
    public void A_sub_agent_shows_the_number_of_its_warnings_and_the_run_at_the_top_shows_the_sentences()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step), change: spec => spec with { ParentRunId = TestRun.Id }).Start();
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Completed) with { Warnings = RunWarnings.Of([RunWarning.Refused(["out"], 1, "no"), RunWarning.Refused(["out"], 1, "no")]) });

        Assert.Equal("Succeeded Test graph: COMPLETED with 2 warnings", Lines(run).Last());
        Assert.DoesNotContain(Lines(run), line => line.Contains("warning:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("😀", 68, 68, "\"")]
    [InlineData("😀", 69, 69, "... (71 characters)")]
    [InlineData("x😀", 40, 34, "x... (82 characters)")]
    public void An_output_is_cut_between_characters_and_never_within_one(string text, int count, int shown, string end)
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)).Start();
        run.Complete("p", $"out=\"{Repeat(text, count)}\"");

        Assert.Contains($"Neutral   out Step out = \"{Repeat(text, shown)}{end}", Lines(run));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static List<string> Lines(TestRun run)
    {
        var progress = new RunProgress(run.Graph, run.Spec);
        return [.. run.Log.SelectMany(progress.Apply).Select(line => $"{line.Kind} {line.Text}")];
    }
}
