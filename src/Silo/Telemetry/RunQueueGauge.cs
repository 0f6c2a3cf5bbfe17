using System.Diagnostics.Metrics;
using Grainflow.Engine.Execution;
using Grainflow.Grains;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Grainflow.Silo.Telemetry;

/// <summary>
/// The gauges of the runs that have not ended: how many have each status, how long the queue is and the age of its first run (contract: semantics 9.4,
/// recommendation), and how many seem stuck. The rows are read at most once in <see cref="Fresh"/>; while they cannot be read, no value is reported. Every
/// process reports the same, because the rows are those of all processes.
/// </summary>
internal sealed class RunQueueGauge
{
    /// <summary>The age up to which a reading is reported again.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than a block may run a run is silent before it counts as stuck.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private static readonly string[] Statuses = [.. Enum.GetValues<ExecutionStatus>().Where(status => status != ExecutionStatus.Incomplete && !status.IsFinal()).Select(status => status.Name())];

    private readonly RunQueueProbe _probe;
    private readonly TimeSpan _silence;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private RunQueueState? _state;
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;
    private Task _reading = Task.CompletedTask;

    public RunQueueGauge(IMeterFactory meters, RunQueueProbe probe, IOptions<GrainflowOptions> options, TimeProvider clock)
    {
        _probe = probe;
        _silence = options.Value.BlockTimeLimit + Grace;
        _clock = clock;
        var meter = meters.Create(Instrumentation.Name);
        meter.CreateObservableGauge("autogpt_runs", ObserveRuns, description: "Runs of all users that have not ended, by status.");
        meter.CreateObservableGauge(
            "autogpt_runs_stuck", () => Observe(static (state, _) => state.Stuck),
            description: "Runs under way that have logged nothing for longer than a block may run.");
        meter.CreateObservableGauge("autogpt_run_queue_depth", () => Observe(static (state, _) => state.Depth), description: "Queued runs of all users.");
        meter.CreateObservableGauge(
            "autogpt_run_queue_oldest_age_seconds",
            () => Observe(static (state, now) => state.Oldest is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0),
            "s", "How long the first of the queued runs has waited; 0 when none is queued.");
    }

    /// <summary>Reads the rows when the last reading is too old. A collection that does not wait for the result reports the reading before.</summary>
    public Task RefreshAsync()
    {
        lock (_gate)
        {
            if (!_reading.IsCompleted || _clock.GetUtcNow() - _readAt < Fresh) return _reading;
            _readAt = _clock.GetUtcNow();
            return _reading = ReadAsync();
        }
    }

    private IEnumerable<Measurement<T>> Observe<T>(Func<RunQueueState, DateTimeOffset, T> value)
        where T : struct
    {
        _ = RefreshAsync();
        return Volatile.Read(ref _state) is { } state ? [new Measurement<T>(value(state, _clock.GetUtcNow()))] : [];
    }

    private IEnumerable<Measurement<long>> ObserveRuns()
    {
        _ = RefreshAsync();
        return Volatile.Read(ref _state) is { } state
            ? Statuses.Select(status => new Measurement<long>(state.Runs.GetValueOrDefault(status), new KeyValuePair<string, object?>("status", status)))
            : [];
    }

    private async Task ReadAsync()
    {
        try
        {
            Volatile.Write(ref _state, await _probe.ReadAsync(_clock.GetUtcNow() - _silence, CancellationToken.None));
        }
        catch (Exception exception) when (exception is NpgsqlException or ObjectDisposedException or InvalidOperationException)
        {
            // /health reports that the database is away. The number from before may be wrong by now, so none is reported.
            Volatile.Write(ref _state, null);
        }
    }
}
