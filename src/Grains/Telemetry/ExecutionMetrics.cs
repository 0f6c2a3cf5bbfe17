using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Execution;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Telemetry;

/// <summary>
/// What runs and blocks come to, in numbers (contract: semantics 9.4). A run is counted where its end was committed, a node
/// execution where its block ran, once the run has taken its end; what a dead process had not counted is not made up for.
/// No label has a user, a graph or a run.
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

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter of this host.</param>
    /// <param name="options">How many blocks may run at once.</param>
    /// <param name="lifetime">Says when the host stops.</param>
    public ExecutionMetrics(IMeterFactory meters, IOptions<GrainflowOptions> options, IHostApplicationLifetime lifetime)
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
        meter.CreateObservableGauge("execution_manager_pool_size", () => pool, description: "Blocks that may run at once in this process.");
        meter.CreateObservableGauge(
            "execution_manager_utilization_ratio",
            () => lifetime.ApplicationStopping.IsCancellationRequested ? 1.0 : (double)_running.Count / pool,
            description: "Runs under way by places for blocks; 1 while the process stops.");
    }

    /// <summary>This process attends to a run under way. May be said again.</summary>
    internal void Attended(Guid runId)
    {
        if (!_running.ContainsKey(runId)) _running.TryAdd(runId, true);
    }

    /// <summary>This process no longer attends to a run.</summary>
    internal void Left(Guid runId) => _running.TryRemove(runId, out _);

    /// <summary>A block was left behind.</summary>
    internal void BlockAbandoned() => Interlocked.Increment(ref _abandoned);

    /// <summary>A block that was left behind has ended after all.</summary>
    internal void AbandonedBlockEnded() => Interlocked.Decrement(ref _abandoned);

    /// <summary>The end of a run is committed.</summary>
    internal void Ended(RunSession session)
    {
        var status = new KeyValuePair<string, object?>("status", session.Run.Status.Name());
        _runs.Add(1, status);
        if (session.Spec.ParentRunId is null) _runsByUser.Add(1, status);
    }

    /// <summary>A block has ended.</summary>
    /// <param name="block">Its name.</param>
    /// <param name="status">How, in the contract's words.</param>
    /// <param name="seconds">After how long.</param>
    /// <param name="providers">The providers of the credentials it was given.</param>
    internal void BlockEnded(string block, string status, double seconds, IEnumerable<string> providers)
    {
        var blockTag = new KeyValuePair<string, object?>("block_type", block);
        var statusTag = new KeyValuePair<string, object?>("status", status);
        _blocks.Add(1, blockTag, statusTag);
        _durations.Record(seconds, blockTag);
        foreach (var provider in providers) _keys.Add(1, new KeyValuePair<string, object?>("provider", provider), blockTag, statusTag);
    }
}
