using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Publishes notices that logs have advanced to the listeners of their users (ADR 0018). Runs do not wait for it: notices that arrive during one call are sent
/// together by the next, and of each run only the latest. Notices are dropped when a user has no listeners. That loses nothing, because a listener registers
/// first and then reads where the log ends.
/// </summary>
internal sealed partial class LogAdvancedPublisher(IClusterClient client, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<LogAdvancedPublisher> logger) : IDisposable
{
    /// <summary>The shortest time between two calls for a user without listeners. A notice to a listener that registers in between comes that much later.</summary>
    public static readonly TimeSpan NoListenersDelay = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, LogAdvancedQueue> _users = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Queues a notice and returns at once.</summary>
    public void Publish(string userId, LogAdvanced notice)
    {
        while (!_stopping.IsCancellationRequested)
        {
            // A closed queue has been removed from the dictionary, so the next iteration adds a new one.
            var queue = _users.GetOrAdd(userId, static _ => new LogAdvancedQueue());
            if (!queue.TryAdd(notice, out var first)) continue;
            if (first)
            {
                // Outside the turn of the run and without its async locals.
                using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => PublishQueuedAsync(userId, queue));
            }

            return;
        }
    }

    /// <summary>Whether a user may have listeners. False when the last call for this user found none.</summary>
    public bool MayHaveListeners(string userId) => !_users.TryGetValue(userId, out var queue) || queue.MayHaveListeners;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task PublishQueuedAsync(string userId, LogAdvancedQueue queue)
    {
        var listeners = client.GetGrain<ILogListenersGrain>(userId);
        try
        {
            while (true)
            {
                var notices = queue.RemoveAll();
                if (notices.Count == 0)
                {
                    if (await queue.WaitForNoticeAsync(NoListenersDelay, clock, _stopping.Token)) continue;
                    if (queue.TryClose()) return;
                    continue;
                }

                queue.MayHaveListeners = await listeners.Publish([.. notices]);
                if (!queue.MayHaveListeners) await Task.Delay(NoListenersDelay, clock, _stopping.Token);
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The process is stopping. Listeners find the events by their regular check of the logs.
        }
        catch (SiloUnavailableException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // This silo leaves and takes no more calls; the operator is told of the stop and need not be told of this.
        }
        catch (Exception exception)
        {
            // The notices are lost, which only delays live events until the next regular check of the listeners.
            NoticesLost(exception, userId);
        }
        finally
        {
            // Removed before it is closed: Publish would loop without end on a closed queue that is still in the dictionary.
            _users.TryRemove(KeyValuePair.Create(userId, queue));
            queue.Close();
        }
    }

    [LoggerMessage(1102, LogLevel.Warning, "Notices to the listeners of user {UserId} could not be sent; the listeners find the events by their regular check of the logs.")]
    private partial void NoticesLost(Exception exception, string userId);
}
