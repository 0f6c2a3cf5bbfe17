using System.Buffers.Binary;
using System.Globalization;
using Grainflow.Engine.Execution;
using NodaTime;

namespace Grainflow.Engine.Scheduling;

/// <summary>A schedule as the rule sees it.</summary>
public sealed record ScheduleFacts
{
    /// <summary>The schedule.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it is due by cron; null for one that is due once.</summary>
    public ScheduleTimes? Times { get; init; }

    /// <summary>The instant of a schedule that is due once; null for one by cron.</summary>
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>Its zone.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>Its policy.</summary>
    public required SchedulePolicy Policy { get; init; }

    /// <summary>The instant up to which all occurrences have been decided; later ones are still to come.</summary>
    public required DateTimeOffset DecidedTo { get; init; }

    /// <summary>How many of its runs have not ended.</summary>
    public int UnfinishedRuns { get; init; }

    /// <summary>Whether an occurrence waits for the end of a run (<see cref="ScheduleOverlap.BufferOne"/>).</summary>
    public bool HasBuffered { get; init; }

    /// <summary>How many of its last runs have failed, one after the other.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>How many runs of its user and graph have not ended, from whatever they were started.</summary>
    public int UnfinishedOfGraph { get; init; }
}

/// <summary>Occurrences that are skipped for the same reason.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them; the first when it is only one.</param>
/// <param name="Count">How many there are, at least 1.</param>
/// <param name="Reason">Why, for the history.</param>
public sealed record SkippedOccurrences(DateTimeOffset First, DateTimeOffset Last, int Count, string Reason);

/// <summary>What is to be done with a schedule now.</summary>
public sealed record ScheduleDecision
{
    /// <summary>The occurrence that starts a run; null for none.</summary>
    public DateTimeOffset? Fire { get; init; }

    /// <summary>Whether <see cref="Fire"/> waits until the runs of the schedule have ended.</summary>
    public bool Buffered { get; init; }

    /// <summary>Whether the runs of the schedule that have not ended are stopped.</summary>
    public bool CancelOthers { get; init; }

    /// <summary>The occurrences that are skipped, in their order.</summary>
    public IReadOnlyList<SkippedOccurrences> Skipped { get; init; } = [];

    /// <summary>Why the schedule is disabled; null when it goes on.</summary>
    public string? Disable { get; init; }

    /// <summary>The instant up to which occurrences are decided now.</summary>
    public required DateTimeOffset DecidedTo { get; init; }

    /// <summary>The next occurrence; null when there is none, or the schedule is disabled.</summary>
    public DateTimeOffset? Next { get; init; }
}

/// <summary>Decides what is due (contract: decisions 14 to 16 and 24, semantics 5.2 to 5.5). Pure: the same facts at the same time give the same decision.</summary>
public static class ScheduleRule
{
    /// <summary>An occurrence that is less late than this is not missed.</summary>
    public static readonly TimeSpan OnTime = TimeSpan.FromMinutes(1);

    /// <summary>With so many unfinished runs of a user and graph nothing more is started by a schedule (decision 24: 25 run and 3 wait).</summary>
    public const int MaxUnfinishedOfGraph = 28;

    /// <summary>How many of them wait.</summary>
    public const int MaxWaitingOfGraph = 3;

    /// <summary>Why an occurrence is skipped, or a trigger is refused, when there are <see cref="MaxUnfinishedOfGraph"/>.</summary>
    public static readonly string QueueFull = $"queue full: {MaxUnfinishedOfGraph} runs of this agent have not ended";

    /// <summary>More occurrences than this are not counted one by one; a count of so many means so many or more.</summary>
    public const int MostCounted = 1_000_000;

    /// <summary>The text of <see cref="ScheduleDecision.Disable"/> for a schedule that was due once.</summary>
    public const string Done = "it was due once, and is over";

    /// <summary>The id of the run of an occurrence. The same schedule and instant always have the same one, so that a repeated start starts nothing.</summary>
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="occurrence">The instant.</param>
    public static Guid RunOf(Guid scheduleId, DateTimeOffset occurrence) => IdOf(scheduleId, occurrence, (byte)'r');

    /// <summary>The id of the history row of skipped occurrences.</summary>
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="first">The first of them.</param>
    public static Guid SkipOf(Guid scheduleId, DateTimeOffset first) => IdOf(scheduleId, first, (byte)'s');

    /// <summary>The first occurrence after an instant; null when there is none.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="after">The instant, which is itself excluded.</param>
    public static DateTimeOffset? NextAfter(ScheduleFacts schedule, DateTimeOffset after) =>
        schedule.Times is { } times ? times.Next(after) : schedule.RunAt > after ? schedule.RunAt : null;

    /// <summary>When an occurrence starts: its instant and the jitter of the schedule, which is derived from both.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="occurrence">The occurrence.</param>
    public static DateTimeOffset DueAt(ScheduleFacts schedule, DateTimeOffset occurrence)
    {
        if (schedule.Policy.Jitter <= TimeSpan.Zero) return occurrence;
        Span<byte> id = stackalloc byte[16];
        IdOf(schedule.Id, occurrence, (byte)'j').TryWriteBytes(id);
        return occurrence + (schedule.Policy.Jitter * (BinaryPrimitives.ReadUInt32BigEndian(id) / (double)uint.MaxValue));
    }

    /// <summary>Decides all that is due.</summary>
    /// <param name="schedule">The schedule, which is enabled.</param>
    /// <param name="now">Now.</param>
    public static ScheduleDecision Decide(ScheduleFacts schedule, DateTimeOffset now)
    {
        if (LastDue(schedule, now) is not { } last)
        {
            var future = NextAfter(schedule, schedule.DecidedTo);
            return new ScheduleDecision { DecidedTo = schedule.DecidedTo, Next = future, Disable = future is null ? Done : null };
        }

        var skipped = new List<SkippedOccurrences>();
        var earlier = Missed(schedule, last);
        var late = now - DueAt(schedule, last);
        var isMissed = late >= OnTime && late > schedule.Policy.CatchUp;
        var refusal = isMissed ? null : Refuse(schedule, last);
        if (isMissed)
        {
            var count = earlier.Count + 1;
            skipped.Add(new SkippedOccurrences(earlier.First ?? last, last, count, $"missed by more than {Text(schedule.Policy.CatchUp > OnTime ? schedule.Policy.CatchUp : OnTime)}"));
        }
        else
        {
            if (earlier.First is { } first) skipped.Add(new SkippedOccurrences(first, earlier.Last, earlier.Count, "missed; one run makes up for the last of them"));
            if (refusal is not null) skipped.Add(new SkippedOccurrences(last, last, 1, refusal));
        }

        var fires = !isMissed && refusal is null;
        var overlaps = fires && schedule.UnfinishedRuns > 0;
        var next = NextAfter(schedule, last);
        var disable = fires || isMissed || schedule.FailuresInRow < PauseAt(schedule) ? null : PausedText(schedule);
        if (next is null) disable ??= Done;
        return new ScheduleDecision
        {
            Fire = fires ? last : null,
            Buffered = overlaps && schedule.Policy.Overlap == ScheduleOverlap.BufferOne,
            CancelOthers = overlaps && schedule.Policy.Overlap == ScheduleOverlap.CancelOther,
            Skipped = skipped,
            Disable = disable,
            DecidedTo = last,
            Next = disable is null ? next : null,
        };
    }

    /// <summary>Why an occurrence that is due does not start a run; null when it does.</summary>
    private static string? Refuse(ScheduleFacts schedule, DateTimeOffset occurrence)
    {
        if (schedule.FailuresInRow >= PauseAt(schedule)) return PausedText(schedule);
        if (schedule.Policy.Window is { } window && !window.Contains(Instant.FromDateTimeOffset(occurrence).InZone(schedule.Zone).LocalDateTime.ToDateTimeUnspecified())) return "outside execution window";
        if (schedule.UnfinishedOfGraph >= MaxUnfinishedOfGraph) return QueueFull;
        if (schedule.UnfinishedRuns == 0) return null;
        return schedule.Policy.Overlap switch
        {
            ScheduleOverlap.Skip => "the run before has not ended",
            ScheduleOverlap.BufferOne when schedule.HasBuffered => "the run before has not ended, and another one waits for it",
            _ => null,
        };
    }

    private static int PauseAt(ScheduleFacts schedule) => schedule.Policy.PauseAfterFailures > 0 ? schedule.Policy.PauseAfterFailures : int.MaxValue;

    private static string PausedText(ScheduleFacts schedule) => $"paused: {schedule.FailuresInRow} runs in a row have failed";

    /// <summary>The last occurrence that has not been decided and is due; null when none is.</summary>
    private static DateTimeOffset? LastDue(ScheduleFacts schedule, DateTimeOffset now)
    {
        if (NextAfter(schedule, schedule.DecidedTo) is not { } found || DueAt(schedule, found) > now) return null;
        // Whatever their jitter is, all occurrences up to here are due.
        var certain = now - schedule.Policy.Jitter;
        if (schedule.Times?.Previous(certain.AddTicks(1)) is { } far && far > found) found = far;
        while (NextAfter(schedule, found) is { } next && DueAt(schedule, next) <= now) found = next;
        return found;
    }

    /// <summary>The occurrences that have not been decided and come before the last one that is due.</summary>
    private static (DateTimeOffset? First, DateTimeOffset Last, int Count) Missed(ScheduleFacts schedule, DateTimeOffset due)
    {
        DateTimeOffset? first = null;
        var last = due;
        var count = 0;
        for (var next = NextAfter(schedule, schedule.DecidedTo); next < due && count < MostCounted; next = NextAfter(schedule, last))
        {
            first ??= next;
            last = next.Value;
            count++;
        }

        return (first, count < MostCounted ? last : schedule.Times?.Previous(due) ?? last, count);
    }

    private static string Text(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.##} days"),
        { TotalHours: >= 1 } => time == TimeSpan.FromHours(1) ? "1 hour" : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.##} hours"),
        _ => time == TimeSpan.FromMinutes(1) ? "1 minute" : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.##} minutes"),
    };

    private static Guid IdOf(Guid scheduleId, DateTimeOffset instant, byte kind)
    {
        Span<byte> seed = stackalloc byte[25];
        scheduleId.TryWriteBytes(seed, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(seed[16..], instant.UtcTicks);
        seed[24] = kind;
        return DerivedIds.Of(seed);
    }
}
