using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// Sends a subscription the earlier live events that it lacks: those after the one that its client named (<c>from_seq</c>, decision 25), or the last ones of a run
/// that ended while it was made. It reads the log from its beginning and sends at the pace of the client, until the subscription has what the others have.
/// </summary>
/// <remarks>
/// It has no lock. While <see cref="Subscription.CatchesUp"/> is set nothing else sends events to the subscription, and the registry clears it in the same step
/// that makes the subscription get later events. When the subscription ends, the reading stops after the query that is under way. The query is not cancelled: it
/// reads one page, and PostgreSQL gets the cancellation over a connection of its own, which would cost more, for each client that leaves.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The semaphore has no wait handle, and subscriptions release it after the feed has ended.")]
internal sealed partial class CatchUp(string userId, RunReader reader, SubscriptionRegistry registry, RunFollowers followers, IEventWriter writer, TimeProvider clock, ILogger logger)
{
    /// <summary>How many subscriptions of a user catch up at once; each reads a whole log.</summary>
    private const int MaxAtOnce = 8;

    /// <summary>The pause before the database is asked again after a transient failure.</summary>
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _places = new(MaxAtOnce);

    /// <summary>Sends in the background what a subscription lacks whose <see cref="Subscription.CatchesUp"/> is set.</summary>
    public void Begin(Subscription subscription, Guid runId) => _ = RunAsync(subscription, runId);

    private async Task RunAsync(Subscription subscription, Guid runId)
    {
        var cancellationToken = subscription.Ended;
        var entered = false;
        try
        {
            await _places.WaitAsync(cancellationToken);
            entered = true;
            await Task.Yield();
            // After a failure the log is read from its beginning again. No event is sent twice, because the subscription has the number of the last one.
            while (!await TrySendAllAsync(subscription, runId)) await Task.Delay(TryAgain, clock, cancellationToken);
        }
        catch (Exception) when (subscription.HasEnded)
        {
            // Nothing is to be sent any more.
        }
        catch (Exception exception)
        {
            // A closed connection shows the client that events are missing; it connects and asks again.
            CannotRead(exception, runId);
            subscription.Socket.Fail();
        }
        finally
        {
            if (entered) _places.Release();
        }
    }

    /// <summary>True when the subscription has all events; false after a transient failure of the database.</summary>
    private async Task<bool> TrySendAllAsync(Subscription subscription, Guid runId)
    {
        try
        {
            // The run was deleted after the subscription was made. A deletion is final, so asking again would find nothing.
            if (await reader.OpenAsync(userId, runId, includeDeleted: false, CancellationToken.None) is not { } projection) return true;
            foreach (var projected in projection.Beginning) await SendAsync(subscription, projection, runId, projected);
            do
            {
                await foreach (var (sequence, runEvent) in reader.ReadAsync(runId, projection.LogSequence, CancellationToken.None))
                {
                    foreach (var projected in projection.Apply(sequence, runEvent)) await SendAsync(subscription, projection, runId, projected);
                }
            }
            while (!registry.TryJoin(subscription, runId, projection.LogSequence));

            if (!projection.Run.Status.IsFinal()) followers.Follow(runId);
            return true;
        }
        catch (DbException exception) when (exception.IsTransient)
        {
            CannotRead(exception, runId);
            return false;
        }
    }

    private async Task SendAsync(Subscription subscription, RunProjection projection, Guid runId, ProjectedEvent projected)
    {
        subscription.Ended.ThrowIfCancellationRequested();
        if (projected.Sequence <= subscription.AfterSequence || projected.LogSequence <= subscription.Since.GetValueOrDefault(runId, -1)) return;
        var frame = ServerMessages.Frame(subscription.Channel, runId, projected, writer.Write(projection, projected).Span);
        await subscription.Socket.RoomAsync(subscription.Ended);
        registry.SendEarlier(subscription, frame, projected.Sequence);
    }

    [LoggerMessage(2107, LogLevel.Warning, "The log of run {RunId} could not be read for a client that catches up.")]
    private partial void CannotRead(Exception exception, Guid runId);
}
