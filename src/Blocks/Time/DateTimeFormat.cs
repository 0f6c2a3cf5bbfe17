using System.Globalization;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Time;

/// <summary>The format and the time zone of a date and time.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "discriminator")]
[JsonDerivedType(typeof(StrftimeFormat), "strftime")]
[JsonDerivedType(typeof(ISO8601Format), "iso8601")]
internal abstract record DateTimeFormat
{
    /// <summary>The type of a pin for the time zones of the contract (<c>block-schemas.json</c>).</summary>
    protected const string Zones = "enum(UTC|Pacific/Honolulu|America/Anchorage|America/Los_Angeles|America/Denver|America/Chicago|America/New_York|America/Caracas|America/Sao_Paulo|"
        + "America/St_Johns|Atlantic/South_Georgia|Atlantic/Azores|Europe/London|Europe/Paris|Europe/Athens|Europe/Moscow|Asia/Tehran|Asia/Dubai|Asia/Kabul|Asia/Karachi|"
        + "Asia/Kolkata|Asia/Kathmandu|Asia/Dhaka|Asia/Yangon|Asia/Bangkok|Asia/Shanghai|Australia/Eucla|Asia/Tokyo|Australia/Adelaide|Australia/Sydney|Australia/Lord_Howe|"
        + "Pacific/Noumea|Pacific/Auckland|Pacific/Chatham|Pacific/Tongatapu|Pacific/Kiritimati|Etc/GMT-12|Etc/GMT+12)";

    [Pin(Type = Zones)]
    public string Timezone { get; init; } = "UTC";

    public bool UseUserTimezone { get; init; }

    /// <summary>Formats a time.</summary>
    /// <param name="local">The time, converted to the zone.</param>
    /// <param name="zone">The zone.</param>
    public abstract string Write(DateTimeOffset local, TimeZoneInfo zone);
}

/// <summary>A date and time in the format of strftime directives.</summary>
internal sealed record StrftimeFormat : DateTimeFormat
{
    public string Format { get; init; } = "%Y-%m-%d %H:%M:%S";

    public override string Write(DateTimeOffset local, TimeZoneInfo zone) => Strftime.Write(Format, local, zone);
}

/// <summary>A date and time as ISO 8601, to the second or to the microsecond.</summary>
internal sealed record ISO8601Format : DateTimeFormat
{
    public bool IncludeMicroseconds { get; init; }

    public override string Write(DateTimeOffset local, TimeZoneInfo zone) =>
        local.ToString(IncludeMicroseconds ? "yyyy-MM-ddTHH:mm:ss.ffffffzzz" : "yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
