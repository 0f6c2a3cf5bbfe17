using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.GoogleCalendar;

/// <summary>When an event begins and ends.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "discriminator")]
[JsonDerivedType(typeof(ExactTiming), "exact_timing")]
[JsonDerivedType(typeof(DurationTiming), "duration_timing")]
internal abstract record EventTiming
{
    /// <summary>The begin and the end.</summary>
    /// <param name="context">The node execution.</param>
    /// <exception cref="BlockException">A time is none, or the end is before the begin.</exception>
    public abstract (DateTimeOffset Start, DateTimeOffset End) Times(BlockContext context);
}

/// <summary>A begin and an end.</summary>
internal sealed record ExactTiming : EventTiming
{
    [Pin(Type = "string:date-time")]
    public required string StartDatetime { get; init; }

    [Pin(Type = "string:date-time")]
    public required string EndDatetime { get; init; }

    public override (DateTimeOffset Start, DateTimeOffset End) Times(BlockContext context)
    {
        var (start, end) = (CalendarTimes.Parse(StartDatetime, "start_datetime", context), CalendarTimes.Parse(EndDatetime, "end_datetime", context));
        return start <= end ? (start, end) : throw new BlockException("'end_datetime' must not be before 'start_datetime'");
    }
}

/// <summary>A begin and a length.</summary>
internal sealed record DurationTiming : EventTiming
{
    private const long MostMinutes = 366 * 24 * 60;

    [Pin(Type = "string:date-time")]
    public required string StartDatetime { get; init; }

    public required long DurationMinutes { get; init; }

    public override (DateTimeOffset Start, DateTimeOffset End) Times(BlockContext context)
    {
        if (DurationMinutes is < 0 or > MostMinutes) throw new BlockException($"'duration_minutes' must be 0 to {MostMinutes}");
        var start = CalendarTimes.Parse(StartDatetime, "start_datetime", context);
        return (start, start.AddMinutes(DurationMinutes));
    }
}

/// <summary>Whether an event is repeated.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "discriminator")]
[JsonDerivedType(typeof(OneTimeEvent), "one_time")]
[JsonDerivedType(typeof(RecurringEvent), "recurring")]
internal abstract record EventRecurrence;

/// <summary>An event that is not repeated.</summary>
internal sealed record OneTimeEvent : EventRecurrence;

/// <summary>An event that is repeated.</summary>
internal sealed record RecurringEvent : EventRecurrence
{
    [Pin(Type = "enum(DAILY|WEEKLY|MONTHLY|YEARLY)", Title = "RecurrenceFrequency")]
    public required string Frequency { get; init; }

    public required long Count { get; init; }
}
