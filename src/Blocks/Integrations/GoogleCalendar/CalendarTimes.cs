using System.Globalization;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.GoogleCalendar;

/// <summary>Times of events.</summary>
internal static class CalendarTimes
{
    /// <summary>Reads a time. Without an offset it is meant in the time zone of the user.</summary>
    /// <param name="text">A date and time by ISO 8601.</param>
    /// <param name="pin">Where it comes from, for the message.</param>
    /// <param name="context">The node execution.</param>
    /// <exception cref="BlockException">The text is no time.</exception>
    public static DateTimeOffset Parse(string text, string pin, BlockContext context)
    {
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
            throw new BlockException($"'{pin}' must be a date and time such as 2025-01-31T09:00:00, not '{text}'");
        if (time.Kind != DateTimeKind.Unspecified) return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        return new DateTimeOffset(time, ZoneOf(context).GetUtcOffset(time));
    }

    /// <summary>The time of the clock in the time zone of the user.</summary>
    /// <param name="context">The node execution.</param>
    public static DateTimeOffset Now(BlockContext context) => TimeZoneInfo.ConvertTime(context.Clock.GetUtcNow(), ZoneOf(context));

    /// <summary>A time by RFC 3339, to the second.</summary>
    /// <param name="time">The time.</param>
    public static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    // UTC when the zone of the user is not set or not known to the system.
    private static TimeZoneInfo ZoneOf(BlockContext context) => TimeZoneInfo.TryFindSystemTimeZoneById(context.UserTimeZone, out var zone) ? zone : TimeZoneInfo.Utc;
}
