using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.TestSupport;

/// <summary>Waits for commits of the runs of users, through the subscription that gateways use.</summary>
public sealed class CommitWatch(IClusterClient client) : IAsyncDisposable
{
    /// <summary>How soon a waiting test looks again when a notice was lost with the silo that had it.</summary>
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<LogSubscription>> _subscriptions = new(StringComparer.Ordinal);
    private TaskCompletionSource _next = NewSignal();

    /// <summary>Subscribes to the runs of a user.</summary>
    /// <returns>A task that completes after the next commit of one of them. Take it before looking at what a commit changes.</returns>
    public async Task<Task> NextAsync(string userId)
    {
        await SubscribeAsync(userId);
        return Volatile.Read(ref _next).Task;
    }

    /// <summary>Subscribes to the runs of a user, so that its commits are not held back for those that follow.</summary>
    public Task SubscribeAsync(string userId)
    {
        lock (_gate)
        {
            if (!_subscriptions.TryGetValue(userId, out var subscription)) _subscriptions.Add(userId, subscription = StartAsync(userId));
            return subscription;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<LogSubscription>[] subscriptions;
        lock (_gate) subscriptions = [.. _subscriptions.Values];
        foreach (var subscription in await Task.WhenAll(subscriptions)) await subscription.DisposeAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<LogSubscription> StartAsync(string userId)
    {
        var subscription = new LogSubscription(
            userId,
            _ => Signal(),
            null,
            () =>
            {
                Signal();
                return Task.CompletedTask;
            },
            client, CheckEvery, TimeProvider.System, NullLogger.Instance);
        await subscription.StartAsync();
        return subscription;
    }

    private void Signal() => Interlocked.Exchange(ref _next, NewSignal()).TrySetResult();
}
