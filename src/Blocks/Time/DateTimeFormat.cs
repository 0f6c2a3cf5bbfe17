using System.Globalization;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Time;

/// <summary>The format and the time zone in which a block of this folder shows the time.</summary>
internal abstract record ZonedFormat
{
    private const string Zones = "enum(UTC|Pacific/Honolulu|America/Anchorage|America/Los_Angeles|America/Denver|America/Chicago|America/New_York|America/Caracas|America/Sao_Paulo|"
        + "America/St_Johns|Atlantic/South_Georgia|Atlantic/Azores|Europe/London|Europe/Paris|Europe/Athens|Europe/Moscow|Asia/Tehran|Asia/Dubai|Asia/Kabul|Asia/Karachi|"
        + "Asia/Kolkata|Asia/Kathmandu|Asia/Dhaka|Asia/Yangon|Asia/Bangkok|Asia/Shanghai|Australia/Eucla|Asia/Tokyo|Australia/Adelaide|Australia/Sydney|Australia/Lord_Howe|"
        + "Pacific/Noumea|Pacific/Auckland|Pacific/Chatham|Pacific/Tongatapu|Pacific/Kiritimati|Etc/GMT-12|Etc/GMT+12)";

    [Pin(Type = Zones)]
    public string Timezone { get; init; } = "UTC";

    public bool UseUserTimezone { get; init; }

    /// <summary>The current time in the zone, as text.</summary>
    /// <param name="context">The clock, and the zone of the user.</param>
    /// <param name="daysBack">The number of days before the current one, which may be negative.</param>
    /// <exception cref="BlockException">The day is not in the years 1 to 9999.</exception>
    public string Now(ComputationContext context, double daysBack = 0)
    {
        var zone = Find(UseUserTimezone ? context.UserTimeZone : Timezone);
        var now = TimeZoneInfo.ConvertTime(context.Clock.GetUtcNow(), zone);
        if (daysBack == 0) return Write(now, zone);
        try
        {
            // The same time of day, whatever the offset of the zone on that day.
            var day = now.DateTime.AddDays(-daysBack);
            return Write(new DateTimeOffset(day, zone.GetUtcOffset(day)), zone);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new BlockException($"An offset of {daysBack} days leads out of the years 1 to 9999", e);
        }
    }

    /// <summary>Formats a time.</summary>
    /// <param name="local">The time, converted to the zone.</param>
    /// <param name="zone">The zone.</param>
    protected abstract string Write(DateTimeOffset local, TimeZoneInfo zone);

    // UTC when the zone of the user is not set or not known to the system.
    private static TimeZoneInfo Find(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
}

/// <summary>The format of a date and time.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "discriminator")]
[JsonDerivedType(typeof(StrftimeFormat), "strftime")]
[JsonDerivedType(typeof(ISO8601Format), "iso8601")]
internal abstract record DateTimeFormat : ZonedFormat;

/// <summary>A date and time by strftime directives.</summary>
internal sealed record StrftimeFormat : DateTimeFormat
{
    public string Format { get; init; } = "%Y-%m-%d %H:%M:%S";

    protected override string Write(DateTimeOffset local, TimeZoneInfo zone) => Strftime.Write(Format, local, zone);
}

/// <summary>A date and time as ISO 8601, to the second or to the microsecond.</summary>
internal sealed record ISO8601Format : DateTimeFormat
{
    public bool IncludeMicroseconds { get; init; }

    protected override string Write(DateTimeOffset local, TimeZoneInfo zone) =>
        local.ToString(IncludeMicroseconds ? "yyyy-MM-ddTHH:mm:ss.ffffffzzz" : "yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}

/// <summary>The format of a time of day.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "discriminator")]
[JsonDerivedType(typeof(TimeStrftimeFormat), "strftime")]
[JsonDerivedType(typeof(TimeISO8601Format), "iso8601")]
internal abstract record TimeFormat : ZonedFormat;

/// <summary>A time of day by strftime directives.</summary>
internal sealed record TimeStrftimeFormat : TimeFormat
{
    public string Format { get; init; } = "%H:%M:%S";

    protected override string Write(DateTimeOffset local, TimeZoneInfo zone) => Strftime.Write(Format, local, zone);
}

/// <summary>A time of day as ISO 8601, to the second or to the microsecond.</summary>
internal sealed record TimeISO8601Format : TimeFormat
{
    public bool IncludeMicroseconds { get; init; }

    protected override string Write(DateTimeOffset local, TimeZoneInfo zone) =>
        local.ToString(IncludeMicroseconds ? "'T'HH:mm:ss.ffffffzzz" : "'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}

/// <summary>The format of a date.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "discriminator")]
[JsonDerivedType(typeof(DateStrftimeFormat), "strftime")]
[JsonDerivedType(typeof(DateISO8601Format), "iso8601")]
internal abstract record DateFormat : ZonedFormat;

/// <summary>A date by strftime directives.</summary>
internal sealed record DateStrftimeFormat : DateFormat
{
    public string Format { get; init; } = "%Y-%m-%d";

    protected override string Write(DateTimeOffset local, TimeZoneInfo zone) => Strftime.Write(Format, local, zone);
}

/// <summary>A date as ISO 8601.</summary>
internal sealed record DateISO8601Format : DateFormat
{
    protected override string Write(DateTimeOffset local, TimeZoneInfo zone) => local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
