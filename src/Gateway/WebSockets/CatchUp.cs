using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// How a client catches up that asks for the events after one that it has (<c>from_seq</c>, decision 25): the log is read for it from the beginning, and what it
/// lacks is sent as it takes it, until it is where the other subscribers of the run are.
/// </summary>
/// <remarks>
/// It has no lock. While <see cref="Subscription.CatchesUp"/> is set nobody else sends to the subscription or changes it, and the registry clears it in the same
/// step that makes the subscription get later events.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The semaphore has no wait handle, and clients leave it after the feed has ended.")]
internal sealed partial class CatchUp(string userId, RunReader reader, SubscriptionRegistry registry, RunFollowers followers, IEventWriter writer, TimeProvider clock, ILogger logger)
{
    /// <summary>How many clients of a user catch up at once; each is a reading of a whole log.</summary>
    private const int MaxAtOnce = 8;

    /// <summary>How long a client waits until a database is asked again that was away.</summary>
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _places = new(MaxAtOnce);

    /// <summary>Sends what a subscription lacks, in the background. <see cref="Subscription.CatchesUp"/> is set.</summary>
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
            // After a failure the log is read from its beginning again: the subscription has the number of the last event that was sent, so none is sent twice.
            while (!await TrySendAllAsync(subscription, runId)) await Task.Delay(TryAgain, clock, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has left the channel.
        }
        catch (Exception exception)
        {
            // A client that does not get what it has asked for must see that, and ask again.
            CannotRead(exception, runId);
            subscription.Socket.Fail();
        }
        finally
        {
            if (entered) _places.Release();
        }
    }

    /// <summary>True when the subscription has all there is, or there is nothing for it; false when the database is away for the moment.</summary>
    private async Task<bool> TrySendAllAsync(Subscription subscription, Guid runId)
    {
        var cancellationToken = subscription.Ended;
        try
        {
            // Deleted since the subscription began. A deletion is final, so nothing will ever come.
            if (await reader.OpenAsync(userId, runId, cancellationToken) is not { } projection) return true;
            foreach (var projected in projection.Beginning) await SendAsync(subscription, projection, runId, projected);
            do
            {
                await foreach (var (sequence, fact) in reader.ReadAsync(runId, projection.LogSequence, cancellationToken))
                {
                    foreach (var projected in projection.Apply(sequence, fact)) await SendAsync(subscription, projection, runId, projected);
                }
            }
            while (!registry.TryJoin(subscription, runId, projection.LogSequence));

            if (!projection.Run.Status.IsFinal()) followers.TryFollow(runId);
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
        if (projected.Sequence <= subscription.AfterSequence || projected.LogSequence <= subscription.Since.GetValueOrDefault(runId, -1)) return;
        var frame = ServerMessages.Frame(subscription.Channel, runId, projected, writer.Write(projection, projected).Span);
        await subscription.Socket.PostWithRoomAsync(frame, subscription.Ended);
        subscription.AfterSequence = projected.Sequence;
    }

    [LoggerMessage(2106, LogLevel.Warning, "The log of run {RunId} could not be read for a client that catches up.")]
    private partial void CannotRead(Exception exception, Guid runId);
}
