using System.Text.Json;
using Grainflow.Engine.Execution;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>
/// Plays the nodes of a run to its end in an order that follows from a seed: which of the running nodes reports next, how
/// many outputs it reports at once, whether its end comes with them, and what it says twice.
/// </summary>
internal sealed class Scheduler(Random random, string host = TestRun.Host)
{
    private const int MaxSteps = 50_000;
    private readonly Dictionary<(Guid, int), Progress> _progress = [];
    private long _starts;

    public void RunToEnd(TestRun run)
    {
        for (var step = 0; !run.Run.Status.IsFinal(); step++)
        {
            Assert.True(step < MaxSteps, "the run does not end");
            Step(run);
        }
    }

    public void Step(TestRun run)
    {
        var running = run.Run.InFlight.OrderBy(execution => execution.Ordinal).ToList();
        Assert.NotEmpty(running);
        Report(run, running[random.Next(running.Count)]);
        run.Decide(host);
    }

    private void Report(TestRun run, NodeExecution execution)
    {
        if (!_progress.TryGetValue((execution.Id, execution.Attempt), out var progress))
        {
            Assert.True(run.BeginBlock(execution, host, ++_starts).Accepted);
            var (outputs, error) = RandomGraph.Play(execution.Input);
            _progress.Add((execution.Id, execution.Attempt), progress = new Progress(outputs, error));
        }

        if (progress.Sent > 0 && random.Next(8) == 0) Send(run, execution, progress, 0, progress.Sent, end: false);
        var left = progress.Outputs.Count - progress.Sent;
        var count = left == 0 ? 0 : random.Next(1, left + 1);
        var outcome = Send(run, execution, progress, progress.Sent, count, end: count == left && (left == 0 || random.Next(2) == 0));
        Assert.True(outcome.Accepted);
        progress.Sent += count;
        Assert.Equal(progress.Sent, outcome.NextOrdinal);
    }

    private static ReportOutcome Send(TestRun run, NodeExecution execution, Progress progress, int first, int count, bool end)
    {
        var ended = end ? new NodeEnd(progress.Error is null ? ExecutionStatus.Completed : ExecutionStatus.Failed, progress.Error, 1, OutOfCredits: false, new NodeStats { WallTime = 0.25 }) : null;
        return run.Report(new NodeReport(execution.Id, execution.Attempt, first, progress.Outputs.GetRange(first, count), ended) { Start = execution.Start });
    }

    private sealed class Progress(List<(string Pin, JsonElement Value)> outputs, string? error)
    {
        public List<(string Pin, JsonElement Value)> Outputs { get; } = outputs;

        public string? Error { get; } = error;

        public int Sent { get; set; }
    }
}
