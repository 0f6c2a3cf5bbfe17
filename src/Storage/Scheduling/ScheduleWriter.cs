namespace Grainflow.Storage.Scheduling;

/// <summary>Stores the schedules that are registered at this process, many in one transaction (<see cref="BatchWriter{TItem, TResult}"/>). Thread-safe.</summary>
public sealed class ScheduleWriter
{
    private const int MaxBatch = 500;

    private readonly BatchWriter<NewSchedule, bool> _writer;

    /// <summary>A writer that has nothing to write.</summary>
    /// <param name="store">The rows.</param>
    public ScheduleWriter(IScheduleStore store) => _writer = new BatchWriter<NewSchedule, bool>(
        async schedules =>
        {
            var stored = await store.InsertAsync(schedules, CancellationToken.None);
            return [.. schedules.Select(schedule => stored.Contains(schedule.Row.Id))];
        },
        () =>
        {
            // The second schedule of an id waits for the next batch, which finds the first stored.
            var ids = new HashSet<Guid>();
            return schedule => ids.Count < MaxBatch && ids.Add(schedule.Row.Id);
        });

    /// <summary>Stores a new schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <returns>Whether it was stored, when that is durable (<see cref="IScheduleStore.InsertAsync"/>).</returns>
    public Task<bool> InsertAsync(NewSchedule schedule) => _writer.WriteAsync(schedule);
}
