using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Scheduling;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// The client side of <see cref="ILogListenersGrain"/>: a subscription to "the log of one of this user's runs has advanced". It works in a silo and in a
/// process that is only an Orleans client. Notices are hints that may be lost, and so may the registration, with the silo that holds it; therefore the
/// subscription renews its registration and runs the subscriber's own check of the logs at a fixed interval.
/// </summary>
/// <param name="userId">The user whose runs are subscribed to.</param>
/// <param name="advanced">Called for each notice, from any thread; it must return at once.</param>
/// <param name="noticed">Called for each notice of a schedule, from any thread; it must return at once. Null to ignore them.</param>
/// <param name="check">Called at each interval, to find by reading what no notice announced. A failure is logged, and the next interval calls it again.</param>
/// <param name="client">The cluster.</param>
/// <param name="checkEvery">The interval; shorter than <see cref="ILogListenersGrain.Lifetime"/>.</param>
/// <param name="clock">Measures the interval.</param>
/// <param name="logger">Gets a warning when the silos cannot be reached.</param>
/// <param name="partial">Gets texts while they are made, as long as it wants them; null never to want them.</param>
/// <param name="progressed">Called for each notice of onboarding with the step that is completed, or null, from any thread; it must return at once. Null to ignore them.</param>
public sealed partial class LogSubscription(
    string userId, Action<LogAdvanced> advanced, Action<ScheduleNotice>? noticed, Func<Task> check, IClusterClient client, TimeSpan checkEvery, TimeProvider clock, ILogger logger,
    PartialListener? partial = null, Action<string?>? progressed = null) : IAsyncDisposable
{
    private readonly Guid _listener = Guid.NewGuid();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Observer _observer = new(advanced, noticed, partial, progressed);
    private ILogObserver? _reference;
    private Task? _renewals;
    private bool _wanted;

    /// <summary>Creates the subscription of a user; a gateway's own factory knows the other parameters.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="advanced">Called for each notice.</param>
    /// <param name="noticed">Called for each notice of a schedule, or null.</param>
    /// <param name="check">Called at each interval.</param>
    /// <param name="partial">Gets texts while they are made, or null.</param>
    /// <param name="progressed">Called for each notice of onboarding, or null.</param>
    public delegate LogSubscription Factory(
        string userId, Action<LogAdvanced> advanced, Action<ScheduleNotice>? noticed, Func<Task> check, PartialListener? partial = null, Action<string?>? progressed = null);

    /// <summary>
    /// Registers, unless that was done before. It returns after the first attempt and does not throw when no silo answers: the checks find what is missed
    /// until a renewal succeeds.
    /// </summary>
    public async Task StartAsync()
    {
        if (_renewals is not null) return;
        await _starting.WaitAsync();
        try
        {
            if (_renewals is not null) return;
            await RegisterAsync();
            using (ExecutionContext.SuppressFlow()) _renewals = Task.Run(RenewAndCheckAsync);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Asks for partial texts at once if somebody wants them now; else the next renewal would. Does not throw.</summary>
    public async Task WantPartialAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_renewals is not null) await RegisterAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Ends the checks and the registration.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_renewals is null) return;
        await _renewals;
        try
        {
            await client.GetGrain<ILogListenersGrain>(userId).Unregister(_listener);
            if (_reference is not null) client.DeleteObjectReference<ILogObserver>(_reference);
        }
        catch (Exception exception)
        {
            // The registration expires after ILogListenersGrain.Lifetime.
            CannotRegister(exception, userId);
        }
    }

    private async Task RegisterAsync()
    {
        try
        {
            // Orleans holds the observer by a weak reference only; the field keeps it alive.
            _reference ??= client.CreateObjectReference<ILogObserver>(_observer);
            var listeners = client.GetGrain<ILogListenersGrain>(userId);
            await listeners.Register(_listener, _reference);
            var wanted = partial?.IsWanted() ?? false;
            // Also when it is wanted as before: a registration that was lost has lost this with it.
            if (wanted || _wanted) await listeners.WantPartial(_listener, wanted);
            _wanted = wanted;
        }
        catch (Exception exception)
        {
            // The next renewal registers again; until then the checks find new events.
            CannotRegister(exception, userId);
        }
    }

    private async Task RenewAndCheckAsync()
    {
        using var timer = new PeriodicTimer(checkEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await RegisterAsync();
                try
                {
                    await check();
                }
                catch (Exception exception)
                {
                    // The next check reads from the same position.
                    if (!_stopping.IsCancellationRequested) CannotCheck(exception, userId);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private sealed class Observer(Action<LogAdvanced> advanced, Action<ScheduleNotice>? noticed, PartialListener? partial, Action<string?>? progressed) : ILogObserver
    {
        public Task PartialAdvanced(PartialOutput text)
        {
            partial?.Received(text);
            return Task.CompletedTask;
        }

        public Task LogsAdvanced(ImmutableArray<LogAdvanced> notices)
        {
            foreach (var notice in notices) advanced(notice);
            return Task.CompletedTask;
        }

        public Task SchedulesNoticed(ImmutableArray<ScheduleNotice> notices)
        {
            foreach (var notice in notices) noticed?.Invoke(notice);
            return Task.CompletedTask;
        }

        public Task OnboardingNoticed(string? step)
        {
            progressed?.Invoke(step);
            return Task.CompletedTask;
        }
    }

    [LoggerMessage(2102, LogLevel.Warning, "The registration as a listener to the runs of user {UserId} failed; their logs are read at each interval instead.")]
    private partial void CannotRegister(Exception exception, string userId);

    [LoggerMessage(2106, LogLevel.Warning, "The logs of the runs of user {UserId} could not be checked; the next check reads them again.")]
    private partial void CannotCheck(Exception exception, string userId);
}
