using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Monitoring;

/// <summary>
/// Asks the tasks of the platform whether they are due, at an interval, and shows what they answer as a metric. It is a timer of the host, as the supervision of runs; a
/// reminder of each task stands in for it when no server asks. Every server does this, and the grains let only one of them begin a run.
/// </summary>
internal sealed partial class SystemTaskTicker : BackgroundService
{
    private readonly IGrainFactory _grains;
    private readonly SystemTasks _tasks;
    private readonly SiloIdentity _silo;
    private readonly IOptions<SystemTaskOptions> _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _clock;
    private readonly ILogger<SystemTaskTicker> _logger;
    private readonly ConcurrentDictionary<string, string> _states;

    public SystemTaskTicker(
        IGrainFactory grains, SystemTasks tasks, SiloIdentity silo, IMeterFactory meters, IOptions<SystemTaskOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock,
        ILogger<SystemTaskTicker> logger)
    {
        (_grains, _tasks, _silo, _options, _lifetime, _clock, _logger) = (grains, tasks, silo, options, lifetime, clock, logger);
        _states = new(tasks.All.Select(task => KeyValuePair.Create(task.Name, task.Interval is null || !options.Value.Enabled ? "on_request" : "scheduled")), StringComparer.Ordinal);
        meters.Create(Instrumentation.Name).CreateObservableGauge(
            "autogpt_scheduler_jobs",
            () => _states.Select(state => new Measurement<int>(1, new KeyValuePair<string, object?>("job_type", state.Key), new KeyValuePair<string, object?>("status", state.Value))),
            description: "Jobs of the scheduler by kind and by what they do; a task of the platform is one job.");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Value.Enabled) return;
        try
        {
            await TickAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task TickAsync(CancellationToken stoppingToken)
    {
        await _lifetime.WhenStartedAsync(stoppingToken);

        var unanchored = _tasks.All.Where(task => task.Interval is not null).Select(task => task.Name).ToList();
        // Silos take turns, each at its own place in the interval.
        var wait = _options.Value.Pace * ((uint)_silo.Address.GetConsistentHashCode() % 100 / 100.0);
        while (true)
        {
            await Task.Delay(wait, _clock, stoppingToken);
            wait = _options.Value.Pace;
            var anchored = await Task.WhenAll(unanchored.Select(async name => (name, Done: await TryAsync(name, async task => await task.Anchor()))));
            unanchored = [.. anchored.Where(task => !task.Done).Select(task => task.name)];
            await Task.WhenAll(_tasks.All.Where(task => task.Interval is not null).Select(task => TryAsync(task.Name, async grain => _states[task.Name] = StateOf(await grain.Look()))));
        }
    }

    private static string StateOf(SystemTaskStatus status) => status switch
    {
        { Host: not null } => "running",
        { Error: not null } => "failed",
        _ => "scheduled",
    };

    private async Task<bool> TryAsync(string name, Func<ISystemTaskGrain, Task> call)
    {
        try
        {
            await call(_grains.GetGrain<ISystemTaskGrain>(name));
            return true;
        }
        catch (Exception exception)
        {
            if (!_lifetime.ApplicationStopping.IsCancellationRequested) NotAsked(exception, name);
            return false;
        }
    }

    [LoggerMessage(2455, LogLevel.Warning, "The system task {Task} could not be asked whether it is due; it is asked again in some seconds.")]
    private partial void NotAsked(Exception exception, string task);
}
