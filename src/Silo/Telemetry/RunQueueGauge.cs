using System.Diagnostics.Metrics;
using Grainflow.Storage.Telemetry;
using Npgsql;

namespace Grainflow.Silo.Telemetry;

/// <summary>
/// How many runs wait, and for how long (contract: semantics 9.4, recommendation). Read from the rows, at most once in
/// <see cref="Fresh"/>; nothing is reported while the rows cannot be read.
/// </summary>
internal sealed class RunQueueGauge
{
    /// <summary>How old a reading may be.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly RunQueueProbe _probe;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private RunQueueState? _state;
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;
    private Task _reading = Task.CompletedTask;

    public RunQueueGauge(IMeterFactory meters, RunQueueProbe probe, TimeProvider clock)
    {
        _probe = probe;
        _clock = clock;
        var meter = meters.Create(Instrumentation.Name);
        meter.CreateObservableGauge("autogpt_run_queue_depth", () => Observe(static (state, _) => state.Depth), description: "Runs that wait for their turn, of all users.");
        meter.CreateObservableGauge(
            "autogpt_run_queue_oldest_age_seconds",
            () => Observe(static (state, now) => state.Oldest is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0),
            "s", "How long the run waits that waits longest; 0 when none does.");
    }

    /// <summary>Reads the rows when what is known is not fresh. Who observes without waiting for it sees the reading before.</summary>
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

    private async Task ReadAsync()
    {
        try
        {
            Volatile.Write(ref _state, await _probe.ReadAsync(CancellationToken.None));
        }
        catch (Exception exception) when (exception is NpgsqlException or ObjectDisposedException or InvalidOperationException)
        {
            // A database that is away is told by /health; a number from before would be a lie.
            Volatile.Write(ref _state, null);
        }
    }
}
