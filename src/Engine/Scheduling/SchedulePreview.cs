using System.Globalization;

namespace Grainflow.Engine.Scheduling;

/// <summary>What a schedule would do, for people who are about to create it (contract: decision 13).</summary>
public sealed record SchedulePreview
{
    /// <summary>The most times that a preview shows.</summary>
    public const int MaxCount = 100;

    /// <summary>How many times a preview shows by default.</summary>
    public const int DefaultCount = 5;

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>The expression in English.</summary>
    public required string Description { get; init; }

    /// <summary>The days that the expression means in each dialect, where they differ; else null.</summary>
    public required string? Warning { get; init; }

    /// <summary>The occurrences in their order; fewer than were asked for when the next is more than 100 years away.</summary>
    public required IReadOnlyList<PreviewedTime> Next { get; init; }

    /// <summary>Computes a preview.</summary>
    /// <param name="times">The occurrences of the schedule.</param>
    /// <param name="from">The first instant that counts.</param>
    /// <param name="count">How many occurrences are shown, from 1 to <see cref="MaxCount"/>.</param>
    public static SchedulePreview Of(ScheduleTimes times, DateTimeOffset from, int count)
    {
        var start = from.ToUniversalTime();
        return new SchedulePreview
        {
            Description = times.Expression.Describe(),
            Warning = times.Expression.DialectWarning,
            Next = [.. times.Between(start.Ticks > 0 ? start.AddTicks(-1) : start, DateTimeOffset.MaxValue).Take(count).Select(time => new PreviewedTime { Utc = time, Local = times.Local(time) })],
        };
    }

    /// <summary>Reads the beginning of a preview: a date or a time in ISO 8601, in UTC where it has no offset.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Null when it is no such time.</returns>
    public static DateTimeOffset? ReadFrom(string text) =>
        DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

/// <summary>An occurrence in a preview.</summary>
public sealed record PreviewedTime
{
    /// <summary>The instant, in UTC.</summary>
    public required DateTimeOffset Utc { get; init; }

    /// <summary>The time in the zone of the schedule, with its offset, in ISO 8601.</summary>
    public required string Local { get; init; }
}
