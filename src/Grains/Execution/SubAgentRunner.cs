using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Telemetry;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Runs a graph as a node of another run (contract: semantics 2.15, decision 7). The id of the child run is derived from the node execution id, so that a later
/// attempt finds the same run. Its outputs are read from its log, so that none is missed.
/// </summary>
internal sealed class SubAgentRunner(IGrainFactory grains, GrainCallRetry calls)
{
    /// <summary>The child's log is read at this interval, because the hints that it has progressed may be lost.</summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(15);

    public async Task<NodeEndMessage> RunAsync(NodeAttempt attempt, NodeReporter reporter, long charged, CancellationToken stopping)
    {
        var child = grains.GetGrain<IGraphExecutionGrain>(NodeExecutionIds.ChildRun(attempt.NodeExecutionId));
        var start = ToStart(attempt);
        if (await StartAsync(attempt, child, start, stopping) is not { } started) return End(ExecutionStatus.Terminated, null, charged, null);
        if (!started.Accepted)
            return End(ExecutionStatus.Failed, "The sub-agent cannot run: " + string.Join("; ", started.Problems.Select(problem => problem.Message)), charged, null);

        var stopped = false;
        RefusedOutputException? refused = null;
        var after = 0L;
        while (true)
        {
            if ((refused is not null || attempt.Cancelled.IsCancellationRequested) && !stopped)
            {
                // The newer attempt goes on with the same sub-agent.
                if (attempt.IsReplaced) throw new StaleAttemptException();
                stopped = true;
                await calls.ForEverAsync(() => child.Stop(attempt.Work.UserId), stopping);
            }

            var from = after;
            var progress = await calls.ForEverAsync(() => child.ReadProgress(from), stopping);
            after = progress.Sequence;
            if (!stopped)
            {
                try
                {
                    foreach (var output in progress.Outputs)
                    {
                        reporter.Add(output.Pin, output.Value);
                        if (reporter.IsFull) await reporter.FlushAsync(stopping);
                    }

                    if (reporter.HasOutputs) await reporter.FlushAsync(stopping);
                }
                catch (RefusedOutputException exception)
                {
                    // The node fails, but only after the sub-agent was stopped and has ended: nothing else stops it, and its cost is not known before.
                    refused = exception;
                }
            }

            var status = ExecutionStatuses.Parse(progress.Status);
            if (progress.Warnings is { } warnings) reporter.Warn(RunWarnings.FromUtf8(warnings.Memory.Span));
            if (status.IsFinal())
                return refused is null ? Ended(status, progress, charged, stopped) : End(ExecutionStatus.Failed, refused.Message, charged, progress);
            if (refused is not null && !stopped) continue;
            await WaitAsync(attempt, stopped, stopping);
        }
    }

    /// <summary>
    /// Starts the sub-agent. When the attempt is cancelled while the outcome of the start is not known, the sub-agent is stopped if it exists; null when it does not.
    /// </summary>
    private async Task<StartRunResult?> StartAsync(NodeAttempt attempt, IGraphExecutionGrain child, StartRun start, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, attempt.Cancelled);
        try
        {
            return await calls.ForEverAsync(() => child.Start(start), either.Token);
        }
        catch (OperationCanceledException) when (attempt.Cancelled.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            if (attempt.IsReplaced) throw new StaleAttemptException();
            return await calls.ForEverAsync(() => child.Stop(attempt.Work.UserId), stopping) ? new StartRunResult { Accepted = true, Problems = [] } : null;
        }
    }

    private static NodeEndMessage Ended(ExecutionStatus status, ChildProgress progress, long charged, bool stopped)
    {
        if (stopped) return End(ExecutionStatus.Terminated, null, charged, progress);
        return status == ExecutionStatus.Completed
            ? End(ExecutionStatus.Completed, null, charged, progress)
            : End(ExecutionStatus.Failed, $"The sub-agent ended {status.Name()}{(progress.Error is { } error ? ": " + error : "")}", charged, progress);
    }

    private static async Task WaitAsync(NodeAttempt attempt, bool stopped, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, stopped ? CancellationToken.None : attempt.Cancelled);
        try
        {
            await attempt.ChildProgress.WaitAsync(ReadInterval, either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The node was cancelled. The loop now stops the child and continues until the child has ended.
        }
    }

    private static StartRun ToStart(NodeAttempt attempt)
    {
        var input = JsonValues.ParseUtf8(attempt.Work.Input.Memory.Span);
        var graphId = input.Member("graph_id") is { ValueKind: JsonValueKind.String } id && Guid.TryParse(id.GetString(), out var parsed)
            ? parsed
            : throw new InvalidOperationException("The node does not name the agent to run ('graph_id').");
        var version = input.Member("graph_version") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var given) ? given : (int?)null;
        return new StartRun
        {
            UserId = attempt.Work.UserId,
            GraphId = graphId,
            GraphVersion = version,
            Inputs = JsonPayload.Wrap(JsonValues.CompactUtf8(input.Member("inputs") ?? JsonValues.EmptyObject)),
            ParentRunId = attempt.Work.RunId,
            // The hints of the sub-agent go to the node execution of the run, which passes them on.
            ParentNodeExecutionId = (attempt.Parent ?? attempt).NodeExecutionId,
            TraceParent = NodeSpans.Context(attempt.Work),
        };
    }

    private static NodeEndMessage End(ExecutionStatus status, string? error, long charged, ChildProgress? progress) => new()
    {
        Status = status.Name(),
        Error = error,
        Charged = charged,
        Measures = new NodeMeasures { ExtraCost = progress?.Cost ?? 0, ExtraSteps = progress?.Steps ?? 0 },
    };
}
