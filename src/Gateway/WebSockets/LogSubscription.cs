using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// This gateway as a listener to the runs of one user. Its registration may be lost with the silo that has it, and so may what it is told; so it
/// renews the registration and looks at the logs now and then without being told.
/// </summary>
internal sealed partial class LogSubscription(
    string userId, Action<LogAdvanced> grew, Func<Task> check, IClusterClient client, TimeSpan checkEvery, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private readonly Guid _listener = Guid.NewGuid();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Observer _observer = new(grew);
    private ILogObserver? _reference;
    private Task? _loop;

    /// <summary>Makes the listening of a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="grew">Called for what runs tell.</param>
    /// <param name="check">Called now and then.</param>
    public delegate LogSubscription Factory(string userId, Action<LogAdvanced> grew, Func<Task> check);

    /// <summary>Listens, from the first call on. Fails never: where runs cannot tell, the checks find what they have to say.</summary>
    public async Task EnsureAsync()
    {
        if (_loop is not null) return;
        await _turn.WaitAsync();
        try
        {
            if (_loop is not null) return;
            await RenewAsync();
            using (ExecutionContext.SuppressFlow()) _loop = Task.Run(CheckNowAndThenAsync);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_loop is null) return;
        await _loop;
        try
        {
            await client.GetGrain<ILogListenersGrain>(userId).Unregister(_listener);
            if (_reference is not null) client.DeleteObjectReference<ILogObserver>(_reference);
        }
        catch (Exception exception)
        {
            // A registration that stays behind ends by itself.
            NotListening(exception, userId);
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            // Orleans holds the observer by a weak reference; this object keeps it.
            _reference ??= client.CreateObjectReference<ILogObserver>(_observer);
            await client.GetGrain<ILogListenersGrain>(userId).Register(_listener, _reference);
        }
        catch (Exception exception)
        {
            // The next renewal tries again, and until then the checks serve.
            NotListening(exception, userId);
        }
    }

    private async Task CheckNowAndThenAsync()
    {
        using var timer = new PeriodicTimer(checkEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await RenewAsync();
                try
                {
                    await check();
                }
                catch (Exception exception)
                {
                    // The next check finds the same and more.
                    if (!_stopping.IsCancellationRequested) NotListening(exception, userId);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The last socket of the user has gone.
        }
    }

    private sealed class Observer(Action<LogAdvanced> grew) : ILogObserver
    {
        public Task LogsAdvanced(ImmutableArray<LogAdvanced> notices)
        {
            foreach (var notice in notices) grew(notice);
            return Task.CompletedTask;
        }
    }

    [LoggerMessage(2102, LogLevel.Warning, "The runs of user {UserId} cannot be listened to for now; their logs are looked at instead.")]
    private partial void NotListening(Exception exception, string userId);
}
