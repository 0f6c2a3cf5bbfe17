using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Tells the listeners of users that logs of their runs have grown (ADR 0018). Runs never wait for it: what was committed while one call was under way goes
/// together into the next, and of each run the latest only. Notices are dropped when nobody listens; since listeners register before they look where a log
/// ends, such a notice was needed by nobody.
/// </summary>
internal sealed partial class LogAdvancedPublisher(IClusterClient client, TimeProvider clock, ILogger<LogAdvancedPublisher> logger) : IDisposable
{
    /// <summary>How often a user for whom nobody listens is asked about at most, and so how late a first notice can be.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, LogAdvancedQueue> _users = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Returns at once.</summary>
    public void Publish(string userId, LogAdvanced notice)
    {
        while (!_stopping.IsCancellationRequested)
        {
            // A box that is closed has been removed already, so the next round makes another.
            var waiting = _users.GetOrAdd(userId, static _ => new LogAdvancedQueue());
            if (!waiting.TryAdd(notice, out var first)) continue;
            if (first)
            {
                // Not in the turn of the run, nor with its async locals.
                using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => TellAsync(userId, waiting));
            }

            return;
        }
    }

    /// <summary>Whether somebody may listen to the runs of a user. False only when nobody did a moment ago.</summary>
    public bool MayBeHeard(string userId) => !_users.TryGetValue(userId, out var waiting) || waiting.MayBeHeard;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task TellAsync(string userId, LogAdvancedQueue waiting)
    {
        var listeners = client.GetGrain<ILogListenersGrain>(userId);
        try
        {
            while (true)
            {
                var notices = waiting.Take();
                if (notices.Count == 0)
                {
                    if (await waiting.ArrivedAsync(AskEvery, clock, _stopping.Token)) continue;
                    if (waiting.TryClose()) return;
                    continue;
                }

                waiting.MayBeHeard = await listeners.Publish([.. notices]);
                if (!waiting.MayBeHeard) await Task.Delay(AskEvery, clock, _stopping.Token);
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The process stops; listeners look at the logs elsewhere.
        }
        catch (Exception exception)
        {
            // The notices are lost, which delays live events only: listeners read the heads of the logs every few seconds.
            NoticesLost(exception, userId);
        }
        finally
        {
            // Removed before it is closed: a run that met a closed box in the dictionary would ask for it again without end.
            _users.TryRemove(KeyValuePair.Create(userId, waiting));
            waiting.Close();
        }
    }

    [LoggerMessage(1102, LogLevel.Warning, "Listeners to the runs of user {UserId} could not be told; they will look by themselves.")]
    private partial void NoticesLost(Exception exception, string userId);
}
