using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// The attempts at effect-free nodes that are under way in this silo (ADR 0017). They have no grain of their own: a run starts them in the silo of its own
/// activation, and they report to that activation without a grain message.
/// </summary>
internal sealed class ComputedNodes(NodeRunner runner, IOptions<GrainflowOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, NodeAttempt> _attempts = new();

    /// <summary>
    /// Starts an attempt and returns at once. Does nothing when the same or a newer attempt of the node execution is under way; an older one is cancelled and
    /// replaced.
    /// </summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="work">The work, without price and fee.</param>
    /// <param name="report">Records a report; may be called from any thread, and completes when the report is durable.</param>
    public void Start(Guid nodeExecutionId, NodeWork work, Func<NodeReportMessage, Task<NodeReportAnswer>> report)
    {
        var attempt = new NodeAttempt(nodeExecutionId, work, report, clock, options.Value.CancelGrace);
        while (!_attempts.TryAdd(nodeExecutionId, attempt))
        {
            if (!_attempts.TryGetValue(nodeExecutionId, out var current)) continue;
            if (!current.IsOlderThan(work))
            {
                attempt.Dispose();
                return;
            }

            if (!_attempts.TryUpdate(nodeExecutionId, attempt, current)) continue;
            current.Cancel();
            break;
        }

        _ = RunToEndAsync(attempt);
    }

    /// <summary>Cancels the attempt at a node execution; false when none is under way in this silo.</summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    public bool Cancel(Guid nodeExecutionId)
    {
        if (!_attempts.TryGetValue(nodeExecutionId, out var attempt)) return false;
        attempt.Cancel();
        return true;
    }

    private async Task RunToEndAsync(NodeAttempt attempt)
    {
        await runner.RunAsync(attempt);
        _attempts.TryRemove(KeyValuePair.Create(attempt.NodeExecutionId, attempt));
        attempt.Dispose();
    }
}
