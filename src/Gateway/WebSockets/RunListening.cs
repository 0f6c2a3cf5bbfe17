using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// This gateway as a listener to the runs of one user: registered, so that runs tell, and subscribed to what they tell. Both may
/// be lost, so it renews itself and looks now and then without being told.
/// </summary>
internal sealed partial class RunListening(
    string userId, Action<RunGrew> grew, Func<Task> check, IClusterClient client, TimeSpan checkEvery, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private readonly Guid _listener = Guid.NewGuid();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private StreamSubscriptionHandle<RunGrew>? _subscription;
    private Task? _loop;

    /// <summary>Makes the listening of a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="grew">Called for what runs tell.</param>
    /// <param name="check">Called now and then.</param>
    public delegate RunListening Factory(string userId, Action<RunGrew> grew, Func<Task> check);

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
            if (_subscription is not null) await _subscription.UnsubscribeAsync();
            await client.GetGrain<IRunListenersGrain>(userId).Leave(_listener);
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
            await client.GetGrain<IRunListenersGrain>(userId).Listen(_listener);
            await EnsureSubscribedAsync();
        }
        catch (Exception exception)
        {
            // The next renewal tries again, and until then the checks serve.
            NotListening(exception, userId);
        }
    }

    /// <summary>
    /// Subscribes to the stream, again when the subscription is not there any more: subscriptions are kept in the memory of a silo and end with it,
    /// and without one every event of the user would wait for the next check.
    /// </summary>
    private async Task EnsureSubscribedAsync()
    {
        var stream = client.GetStreamProvider(RunStreams.Provider).GetStream<RunGrew>(StreamId.Create(RunStreams.Namespace, userId));
        if (_subscription is { } held)
        {
            if ((await stream.GetAllSubscriptionHandles()).Any(handle => handle.HandleId == held.HandleId)) return;
            _subscription = null;
            SubscriptionLost(userId);
            // Removes the observer of the lost subscription from this process. When it fails, the next renewal subscribes all the same.
            await held.UnsubscribeAsync();
        }

        _subscription = await stream.SubscribeAsync((notice, _) =>
        {
            grew(notice);
            return Task.CompletedTask;
        });
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

    [LoggerMessage(2106, LogLevel.Information, "The subscription to the runs of user {UserId} was lost and is made again.")]
    private partial void SubscriptionLost(string userId);

    [LoggerMessage(2102, LogLevel.Warning, "The runs of user {UserId} cannot be listened to for now; their logs are looked at instead.")]
    private partial void NotListening(Exception exception, string userId);
}
