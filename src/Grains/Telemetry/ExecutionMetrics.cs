using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Telemetry;

/// <summary>
/// The metrics of runs and blocks (contract: semantics 9.4). A run is counted by the process that committed its end, a node execution by the process
/// that ran its block, after the run has recorded its end. What a process had not counted when it died stays uncounted.
/// No label contains a user, a graph or a run.
/// </summary>
public sealed class ExecutionMetrics
{
    private readonly ConcurrentDictionary<Guid, bool> _running = new();
    private readonly Counter<long> _runs;
    private readonly Counter<long> _runsByUser;
    private readonly Counter<long> _blocks;
    private readonly Counter<long> _keys;
    private readonly Histogram<double> _durations;
    private int _abandoned;
    private int _unresumed;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Creates the meter of this host.</param>
    /// <param name="options">The size of the block pool.</param>
    /// <param name="draining">While the silo drains, the utilization is reported as 1.</param>
    public ExecutionMetrics(IMeterFactory meters, IOptions<GrainflowOptions> options, Draining draining)
    {
        var meter = meters.Create(Instrumentation.Name);
        var pool = options.Value.BlockPoolSize;
        _runs = meter.CreateCounter<long>("autogpt_graph_executions_total", description: "Runs that ended, sub-agents included.");
        _runsByUser = meter.CreateCounter<long>("autogpt_graph_executions_by_user_total", description: "Runs that ended and were not started by another run.");
        _blocks = meter.CreateCounter<long>("autogpt_block_executions_total", description: "Blocks that ended.");
        _keys = meter.CreateCounter<long>("autogpt_api_key_usage_total", description: "Blocks that ended and were given a credential, by its provider.");
        _durations = meter.CreateHistogram(
            "autogpt_block_duration_seconds", "s", "From the start of a block, its charge and its wait for a place included, to its end.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [.1, .25, .5, 1, 2.5, 5, 10, 30, 60] });
        meter.CreateObservableGauge("execution_manager_active_runs", () => _running.Count, description: "Runs under way in this process.");
        meter.CreateObservableGauge(
            "execution_manager_abandoned_blocks", () => Volatile.Read(ref _abandoned),
            description: "Blocks that were left behind because they did not end after their cancellation, and still run in this process.");
        meter.CreateObservableGauge(
            "execution_manager_unresumed_runs", () => Volatile.Read(ref _unresumed), description: "Runs of the whole cluster that the supervisors could not resume; each is tried again.");
        meter.CreateObservableGauge("execution_manager_pool_size", () => pool, description: "Blocks that may run at once in this process.");
        meter.CreateObservableGauge(
            "execution_manager_utilization_ratio",
            () => draining.IsDraining ? 1.0 : (double)_running.Count / pool,
            description: "Runs under way by places for blocks; 1 while the process stops.");
    }

    /// <summary>The runs under way in this process.</summary>
    internal IEnumerable<Guid> ActiveRuns => _running.Keys;

    /// <summary>Sets the number of runs that could not be resumed.</summary>
    internal void SetUnresumedRuns(int count) => Volatile.Write(ref _unresumed, count);

    /// <summary>Counts a run as under way in this process. A repeated call changes nothing.</summary>
    internal void RunBecameActive(Guid runId)
    {
        if (!_running.ContainsKey(runId)) _running.TryAdd(runId, true);
    }

    /// <summary>No longer counts a run as under way in this process.</summary>
    internal void RunBecameInactive(Guid runId) => _running.TryRemove(runId, out _);

    /// <summary>Counts a block that did not end after its cancellation.</summary>
    internal void BlockAbandoned() => Interlocked.Increment(ref _abandoned);

    /// <summary>No longer counts an abandoned block, because it has ended.</summary>
    internal void AbandonedBlockEnded() => Interlocked.Decrement(ref _abandoned);

    /// <summary>Counts a run whose end was committed.</summary>
    internal void RunEnded(RunSession session)
    {
        var status = new KeyValuePair<string, object?>("status", session.Run.Status.Name());
        _runs.Add(1, status);
        if (session.Spec.ParentRunId is null) _runsByUser.Add(1, status);
    }

    /// <summary>Counts a block that has ended.</summary>
    /// <param name="block">The name of the block.</param>
    /// <param name="status">The contract's name of the status in which it ended.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="providers">The providers of the credentials that it was given.</param>
    internal void BlockEnded(string block, string status, double seconds, IEnumerable<string> providers)
    {
        var blockTag = new KeyValuePair<string, object?>("block_type", block);
        var statusTag = new KeyValuePair<string, object?>("status", status);
        _blocks.Add(1, blockTag, statusTag);
        _durations.Record(seconds, blockTag);
        foreach (var provider in providers) _keys.Add(1, new KeyValuePair<string, object?>("provider", provider), blockTag, statusTag);
    }
}
