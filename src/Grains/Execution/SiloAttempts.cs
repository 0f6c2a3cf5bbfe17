using System.Collections.Concurrent;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// All attempts that are under way in this silo. An attempt outlives the activation that started it, because Orleans may drop a node grain or a run grain when another silo
/// dies; so whether an attempt is lost is asked here and not of a grain (ADR 0023).
/// </summary>
internal sealed class SiloAttempts(NodeRunner runner, SiloIdentity silo, IOptions<GrainflowOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, NodeAttempt> _attempts = new();
    private long _starts;

    /// <summary>Starts an attempt of a node grain, which reports its begin. Otherwise as <see cref="StartBesideRun"/>.</summary>
    /// <returns>Completes when the attempt has ended and reported, or is stale.</returns>
    public Task Start(Guid nodeExecutionId, NodeWork work, Func<NodeReportMessage, Task<NodeReportAnswer>> report) =>
        Start(new NodeAttempt(nodeExecutionId, work, report, clock, options.Value.CancelGrace) { Start = new AttemptStart(silo.Name, Interlocked.Increment(ref _starts)) });

    /// <summary>
    /// Starts an attempt at an effect-free node, which has no grain (ADR 0017) and reports to its run without a grain message. Does nothing when the same or a newer attempt of
    /// the node execution is under way; an older one is replaced.
    /// </summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="work">The work, without price and fee.</param>
    /// <param name="report">Records a report; may be called from any thread, and completes when the report is durable.</param>
    public void StartBesideRun(Guid nodeExecutionId, NodeWork work, Func<NodeReportMessage, Task<NodeReportAnswer>> report) =>
        _ = Start(new NodeAttempt(nodeExecutionId, work, report, clock, options.Value.CancelGrace));

    /// <summary>Whether an attempt is under way in this silo.</summary>
    /// <param name="id">The attempt.</param>
    /// <param name="cancel">Whether to cancel it if it is; it then reports TERMINATED to its run.</param>
    public bool Find(AttemptId id, bool cancel)
    {
        if (!_attempts.TryGetValue(id.NodeExecutionId, out var attempt) || attempt.Id != id) return false;
        if (cancel) attempt.Cancel();
        return true;
    }

    /// <summary>Whether any attempt at a node execution is under way in this silo.</summary>
    public bool HasAny(Guid nodeExecutionId) => _attempts.ContainsKey(nodeExecutionId);

    /// <summary>Completes when the attempt at a node execution that is under way in this silo now has ended and reported; at once when there is none.</summary>
    public Task EndOf(Guid nodeExecutionId) => _attempts.TryGetValue(nodeExecutionId, out var attempt) ? attempt.Ended : Task.CompletedTask;

    /// <summary>Passes the hint to an attempt that its sub-agent has progressed. Does nothing when none is under way here.</summary>
    public void SignalChildProgress(Guid nodeExecutionId)
    {
        if (_attempts.TryGetValue(nodeExecutionId, out var attempt)) attempt.SignalChildProgress();
    }

    private Task Start(NodeAttempt attempt)
    {
        while (!_attempts.TryAdd(attempt.NodeExecutionId, attempt))
        {
            if (!_attempts.TryGetValue(attempt.NodeExecutionId, out var current)) continue;
            if (!current.IsOlderThan(attempt.Work))
            {
                attempt.Dispose();
                return current.Ended;
            }

            if (!_attempts.TryUpdate(attempt.NodeExecutionId, attempt, current)) continue;
            current.Replace();
            break;
        }

        _ = RunToEndAsync(attempt);
        return attempt.Ended;
    }

    private async Task RunToEndAsync(NodeAttempt attempt)
    {
        await runner.RunAsync(attempt);
        _attempts.TryRemove(KeyValuePair.Create(attempt.NodeExecutionId, attempt));
        attempt.Dispose();
    }
}
