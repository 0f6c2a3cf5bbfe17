using Grainflow.Engine.Execution;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Scheduling;

/// <summary>
/// Reports starts and ends of runs of schedules to the open sockets of their owners, and the end of a run to the occurrence that waits for it. Nobody waits for it:
/// notices may be lost, and a waiting occurrence looks by itself again.
/// </summary>
internal sealed partial class ScheduleNotices(IClusterClient client, LogAdvancedPublisher listeners, TimeProvider clock, ILogger<ScheduleNotices> logger)
{
    private const int MaxParallelCalls = 8;

    /// <summary>Sends notices in the background, those of a user in one call, and none to a user who had no socket a moment ago.</summary>
    /// <param name="notices">The notices with their users.</param>
    public void Publish(IReadOnlyList<(string UserId, ScheduleNotice Notice)> notices)
    {
        var users = notices.Where(item => listeners.MayHaveListeners(item.UserId)).GroupBy(item => item.UserId, item => item.Notice, StringComparer.Ordinal).ToList();
        if (users.Count == 0) return;
        // Outside the turn of the grain and without its async locals.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => Parallel.ForEachAsync(
                users, new ParallelOptions { MaxDegreeOfParallelism = MaxParallelCalls }, async (user, _) => await SendAsync(user.Key, [.. user])));
        }
    }

    /// <summary>Reports the end of a run, if a schedule has started it.</summary>
    /// <param name="session">The run.</param>
    public void RunEnded(RunSession session)
    {
        if (session.Spec.Schedule is not { } schedule) return;
        Publish([(session.Spec.UserId, new ScheduleNotice
        {
            ScheduleId = schedule.Id,
            ScheduleName = schedule.Name,
            Agent = session.Graph.Graph.Name,
            RunId = session.Spec.RunId,
            At = session.Run.EndedAt ?? clock.GetUtcNow(),
            Succeeded = session.Run.Status == ExecutionStatus.Completed,
            Error = session.Run.Error,
        })]);
        if (!schedule.Buffers) return;
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => WakeAsync(schedule.Id));
    }

    private async Task SendAsync(string userId, IReadOnlyList<ScheduleNotice> notices)
    {
        try
        {
            await client.GetGrain<ILogListenersGrain>(userId).Notify([.. notices]);
        }
        catch (Exception exception)
        {
            // The history of the schedule has what they would have told.
            NotSent(exception, notices.Count, userId);
        }
    }

    private async Task WakeAsync(Guid scheduleId)
    {
        try
        {
            await client.GetGrain<IScheduleShardGrain>(ScheduleStore.ShardOf(scheduleId)).Wake(scheduleId);
        }
        catch (Exception exception)
        {
            // The waiting occurrence looks again after SchedulerOptions.BufferInterval.
            NotWoken(exception, scheduleId);
        }
    }

    [LoggerMessage(2500, LogLevel.Information, "{Count} notices of schedules could not be sent to user {UserId}.")]
    private partial void NotSent(Exception exception, int count, string userId);

    [LoggerMessage(2501, LogLevel.Information, "The occurrence of schedule {ScheduleId} that waits for the end of a run could not be woken; it looks again by itself.")]
    private partial void NotWoken(Exception exception, Guid scheduleId);
}
