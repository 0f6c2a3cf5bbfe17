using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Time;

/// <summary>How a date and time is to be written, and in which zone.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "discriminator")]
[JsonDerivedType(typeof(StrftimeFormat), "strftime")]
[JsonDerivedType(typeof(ISO8601Format), "iso8601")]
internal abstract record DateTimeFormat
{
    /// <summary>The zones that the contract offers (<c>block-schemas.json</c>).</summary>
    protected const string Zones = "enum(UTC|Pacific/Honolulu|America/Anchorage|America/Los_Angeles|America/Denver|America/Chicago|America/New_York|America/Caracas|America/Sao_Paulo|"
        + "America/St_Johns|Atlantic/South_Georgia|Atlantic/Azores|Europe/London|Europe/Paris|Europe/Athens|Europe/Moscow|Asia/Tehran|Asia/Dubai|Asia/Kabul|Asia/Karachi|"
        + "Asia/Kolkata|Asia/Kathmandu|Asia/Dhaka|Asia/Yangon|Asia/Bangkok|Asia/Shanghai|Australia/Eucla|Asia/Tokyo|Australia/Adelaide|Australia/Sydney|Australia/Lord_Howe|"
        + "Pacific/Noumea|Pacific/Auckland|Pacific/Chatham|Pacific/Tongatapu|Pacific/Kiritimati|Etc/GMT-12|Etc/GMT+12)";

    [Pin(Type = Zones)]
    public string Timezone { get; init; } = "UTC";

    public bool UseUserTimezone { get; init; }

    /// <summary>Writes a time that is already in the zone.</summary>
    public abstract string Write(DateTimeOffset local, TimeZoneInfo zone);
}
