using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// The attempts at effect-free nodes that are under way in this silo (ADR 0017). They have no grain of their own: a run starts them beside
/// its own activation, and they report to that activation without a message.
/// </summary>
internal sealed class ComputedNodes(NodeRunner runner, IOptions<GrainflowOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, NodeAttempt> _attempts = new();

    /// <summary>
    /// Starts an attempt and returns at once. The same or an older attempt of a node execution that is under way is left as it is; an older one is
    /// cancelled when a newer one starts.
    /// </summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="work">What to run; it has neither price nor fee.</param>
    /// <param name="report">Takes the reports, from any thread, and answers when they are durable.</param>
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

        _ = HoldAsync(attempt);
    }

    /// <summary>Cancels the attempt at a node execution; false when none is under way in this silo.</summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    public bool Cancel(Guid nodeExecutionId)
    {
        if (!_attempts.TryGetValue(nodeExecutionId, out var attempt)) return false;
        attempt.Cancel();
        return true;
    }

    private async Task HoldAsync(NodeAttempt attempt)
    {
        await runner.RunAsync(attempt);
        _attempts.TryRemove(KeyValuePair.Create(attempt.NodeExecutionId, attempt));
        attempt.Dispose();
    }
}
