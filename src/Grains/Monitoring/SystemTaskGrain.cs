using System.Globalization;
using System.Text.Json.Nodes;
using Grainflow.Engine.Monitoring;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Storage.Monitoring;
using Grainflow.Storage.Notifications;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Grainflow.Grains.Monitoring;

/// <inheritdoc cref="ISystemTaskGrain"/>
/// <remarks>
/// The row is the truth: a run begins by a compare-and-swap of the due time and of the run before it, and ends only if the row still has it, with its events in the same
/// transaction. A run that is lost in between is repeated when its silo is dead, or after <see cref="LostAfter"/>, and has reported nothing. Reentrant, so that the status can be
/// read and a second request can join while a run is under way.
/// </remarks>
[Reentrant]
internal sealed partial class SystemTaskGrain(
    IServiceProvider services, ISystemTaskStore store, ISiloLiveness liveness, SiloIdentity silo, IIdSource ids, NotificationLog notifications, IOptions<SystemTaskOptions> options,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<SystemTaskGrain> logger)
    : Grain, ISystemTaskGrain, IRemindable
{
    /// <summary>How long a run may take (contract: semantics section 10, scheduler operation).</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(300);

    /// <summary>How long after its beginning a run is taken for lost although its silo lives. No run lasts as long as this.</summary>
    internal static readonly TimeSpan LostAfter = 2 * Limit;

    private const string Reminder = "due";
    private const int MostErrorCharacters = 500;

    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5);

    private SystemTaskRow? _row;
    private Guid? _claimed;
    private Task<bool>? _running;

    private string Name => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public async Task<SystemTaskStatus> Look()
    {
        if (FindTask() is { } task && _running is null)
        {
            var row = await ReadAsync(task);
            if (row.DueAt <= clock.GetUtcNow() || row.ClaimId is not null) _ = _running ??= RunAsync(task, byHand: false);
        }

        return await GetStatus();
    }

    /// <inheritdoc/>
    public async Task Anchor()
    {
        if (FindTask() is not { Interval: { } interval } task) return;
        await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
        if (task.RunsAtStart && _running is null) _row = await store.EnsureAsync(Name, interval, isDueNow: true, clock.GetUtcNow(), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<SystemTaskTriggerResult> Trigger()
    {
        var task = FindTask() ?? throw new InvalidOperationException("System tasks run on servers only.");
        // A run under way may turn out to be another silo's, or not due after all.
        var hasRun = _running is { } joined && await joined;
        if (!hasRun) hasRun = await (_running ??= RunAsync(task, byHand: true));
        return new SystemTaskTriggerResult { HasRun = hasRun, Status = await GetStatus() };
    }

    /// <inheritdoc/>
    public async Task<SystemTaskStatus> GetStatus()
    {
        var row = FindTask() is { } task ? await ReadAsync(task) : null;
        return new SystemTaskStatus
        {
            Name = Name,
            DueAt = row?.DueAt,
            Host = row?.Host,
            StartedAt = row?.StartedAt,
            EndedAt = row?.EndedAt,
            Result = row?.Result is { } result ? JsonPayload.Wrap(result.ToArray()) : null,
            Error = row?.Error,
        };
    }

    /// <inheritdoc/>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (options.Value.Enabled) await Look();
    }

    /// <summary>The task; null in a process that is no server.</summary>
    private ISystemTask? FindTask() => services.GetService<SystemTasks>()?.Find(Name);

    /// <summary>The row. It is read again only while a run that is not of this activation is in it: all other changes are made here.</summary>
    private async Task<SystemTaskRow> ReadAsync(ISystemTask task)
    {
        if (_row is { } row && (row.ClaimId is null || row.ClaimId == _claimed)) return row;
        return _row = await store.EnsureAsync(Name, task.Interval, isDueNow: false, clock.GetUtcNow(), CancellationToken.None);
    }

    /// <summary>Claims a run and does it.</summary>
    /// <returns>False when there was nothing to run, or another silo runs it, or the row could not be written.</returns>
    private async Task<bool> RunAsync(ISystemTask task, bool byHand)
    {
        // A run that ends without a wait would otherwise be assigned after it has cleared the field.
        await Task.Yield();
        try
        {
            var row = await ReadAsync(task);
            var now = clock.GetUtcNow();
            var isDue = row.DueAt <= now;
            if (row.ClaimId is not null ? !await IsLostAsync(row, now) : !isDue && !byHand) return false;

            var claim = new SystemTaskClaim(ids.NewId(), silo.Name, now, byHand && !isDue && row.ClaimId is null ? row.DueAt : now + task.Interval);
            DelayDeactivation(LostAfter);
            if (!await store.ClaimAsync(row, claim, CancellationToken.None))
            {
                _row = await store.EnsureAsync(Name, task.Interval, isDueNow: false, now, CancellationToken.None);
                return false;
            }

            _row = row with { ClaimId = claim.Id, Host = claim.Host, StartedAt = now, DueAt = claim.NextDueAt };
            return await RunClaimedAsync(task, claim);
        }
        catch (Exception exception) when (!byHand)
        {
            if (!lifetime.ApplicationStopping.IsCancellationRequested) NotRun(exception, Name);
            return false;
        }
        finally
        {
            _running = null;
        }
    }

    private async Task<bool> RunClaimedAsync(ISystemTask task, SystemTaskClaim claim)
    {
        _claimed = claim.Id;
        var (result, error, alerts, late) = await TryAsync(task, claim.At);
        var events = alerts.Select((alert, index) => EventOf(alert, string.Create(CultureInfo.InvariantCulture, $"{Name}/{claim.Id}/{index}"), claim.At)).ToList();
        var end = new SystemTaskEnd(clock.GetUtcNow(), result is null ? (ReadOnlyMemory<byte>?)null : Utf8(result), error, events, late?.Select(execution => (execution.Id, execution.Status)).ToList());
        var written = await store.EndAsync(Name, claim.Id, end, CancellationToken.None);
        if (written is null)
        {
            TakenOver(Name);
            _row = null;
            return false;
        }

        _row = _row! with { ClaimId = null, Host = null, EndedAt = end.At, Result = end.Result, Error = end.Error };
        for (var i = 0; i < events.Count; i++)
            if (written.Contains(events[i])) notifications.Written(events[i], alerts[i].Title, alerts[i].IsWarning);
        return true;
    }

    /// <summary>Does the task, within its limit.</summary>
    private async Task<(JsonNode? Result, string? Error, IReadOnlyList<Alert> Alerts, IReadOnlyList<LateExecution>? Late)> TryAsync(ISystemTask task, DateTimeOffset now)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lifetime.ApplicationStopping);
        try
        {
            var outcome = await task.RunAsync(now, ended.Token).WaitAsync(ended.Token);
            return (outcome.Result, null, outcome.Alerts, outcome.Late);
        }
        catch (Exception exception) when (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            var error = limit.IsCancellationRequested ? $"It took longer than {Limit.TotalSeconds} seconds." : $"{exception.GetType().Name}: {exception.Message}";
            if (error.Length > MostErrorCharacters) error = error[..MostErrorCharacters];
            Failed(exception, Name);
            return (null, error, task.AlertOf(error) is { } alert ? [alert] : [], null);
        }
    }

    /// <summary>Whether the run in the row will never end: this activation could not write its end, its silo is dead, or it is older than any run can be.</summary>
    private async Task<bool> IsLostAsync(SystemTaskRow row, DateTimeOffset now) =>
        row.ClaimId == _claimed || row.StartedAt + LostAfter <= now || (await liveness.FindGoneAsync([row.Host!], CancellationToken.None)).Count > 0;

    private static NotificationEvent EventOf(Alert alert, string key, DateTimeOffset at)
    {
        var data = alert.Details.DeepClone().AsObject();
        data.Insert(0, "message", alert.Message);
        return new NotificationEvent { Key = key, Type = alert.Type, Channel = alert.Channel, Data = Utf8(data), CreatedAt = at };
    }

    private static ReadOnlyMemory<byte> Utf8(JsonNode node) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(node);

    [LoggerMessage(2450, LogLevel.Error, "The system task {Task} has failed; it runs again when it is due next.")]
    private partial void Failed(Exception exception, string task);

    [LoggerMessage(2451, LogLevel.Warning, "The system task {Task} could not be run, or its end could not be recorded; it is tried again in some seconds.")]
    private partial void NotRun(Exception exception, string task);

    [LoggerMessage(2452, LogLevel.Warning, "A run of the system task {Task} took so long that another one took its place; what it found was dropped.")]
    private partial void TakenOver(string task);
}
