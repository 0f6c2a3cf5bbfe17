using System.Globalization;

namespace Grainflow.Blocks.Time;

/// <summary>A date and time as ISO 8601, to the second or to the microsecond.</summary>
internal sealed record ISO8601Format : DateTimeFormat
{
    public bool IncludeMicroseconds { get; init; }

    public override string Write(DateTimeOffset local, TimeZoneInfo zone) =>
        local.ToString(IncludeMicroseconds ? "yyyy-MM-ddTHH:mm:ss.ffffffzzz" : "yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
