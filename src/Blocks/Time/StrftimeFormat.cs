namespace Grainflow.Blocks.Time;

/// <summary>A date and time by strftime directives.</summary>
internal sealed record StrftimeFormat : DateTimeFormat
{
    public string Format { get; init; } = "%Y-%m-%d %H:%M:%S";

    public override string Write(DateTimeOffset local, TimeZoneInfo zone) => Strftime.Write(Format, local, zone);
}
