using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Scheduling;
using NodaTime;

namespace Grainflow.Engine.Tests.Scheduling;

/// <summary>Random expressions, zones and instants.</summary>
internal static class Generators
{
    private static readonly string[] ZoneNames =
    [
        "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "Asia/Kolkata", "UTC", "America/Sao_Paulo", "Africa/Casablanca",
        "Antarctica/Troll", "Pacific/Chatham", "Asia/Tehran", "America/St_Johns", "Pacific/Kwajalein", "Asia/Pyongyang", "Europe/Dublin", "Asia/Gaza",
    ];

    public static Gen<DateTimeZone> Zones { get; } = Gen.Elements(ZoneNames).Select(name => DateTimeZoneProviders.Tzdb[name]);

    public static Gen<CronDialect> Dialects { get; } = Gen.Elements(Enum.GetValues<CronDialect>());

    public static Gen<RepeatedTimes> Repeated { get; } = Gen.Elements(RepeatedTimes.First, RepeatedTimes.Both);

    /// <summary>Expressions that are due every few days at least.</summary>
    public static Gen<CronExpression> Frequent { get; } =
        from dialect in Dialects
        from minute in Field(0, 59)
        from hour in Field(0, 23)
        from day in Gen.Frequency((4, Gen.Constant("*")), (1, Field(1, 28)))
        from weekday in Gen.Frequency((3, Gen.Constant("*")), (1, Weekday(dialect)))
        select CronExpression.Parse($"{minute} {hour} {day} * {weekday}", dialect);

    /// <summary>Any expressions, rare ones among them.</summary>
    public static Gen<CronExpression> Any { get; } =
        from dialect in Dialects
        from minute in Field(0, 59)
        from hour in Field(0, 23)
        from day in dialect == CronDialect.Standard ? Field(1, 29) : Gen.Frequency((3, Field(1, 29)), (1, Gen.Elements("last", "3,last", "29")))
        from month in Gen.Frequency((1, Gen.Constant("*")), (2, Field(1, 12)), (1, Gen.Elements("feb", "mar-may", "OCT,nov")))
        from weekday in Weekday(dialect)
        select CronExpression.Parse($"{minute} {hour} {day} {month} {weekday}", dialect);

    /// <summary>Instants from 1972 to 2040, half of them within two days of a change of the clock. From 1972 on all offsets are whole minutes.</summary>
    public static Gen<DateTimeOffset> Instants(DateTimeZone zone) =>
        from seconds in Gen.Choose(63_072_000 / 60, int.MaxValue / 60).Select(minutes => minutes * 60L)
        from nearby in Gen.Choose(-2880, 2880)
        from atChange in Gen.Elements(true, false)
        select atChange && zone.GetZoneInterval(Instant.FromUnixTimeSeconds(seconds)) is { HasEnd: true } interval
            ? (interval.End + Duration.FromMinutes(nearby)).ToDateTimeOffset()
            : DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static Gen<string> Weekday(CronDialect dialect) => Gen.OneOf(
        Gen.Constant("*"),
        Field(0, 6),
        dialect == CronDialect.Apscheduler ? Gen.Elements("mon-fri", "SAT,sun", "*/2") : Gen.Elements("7", "5-7", "0-2", "mon-fri", "sun"));

    private static Gen<string> Field(int min, int max) => Gen.Frequency(
        (2, Gen.Constant("*")),
        (2, Gen.Choose(2, max - min).Select(step => $"*/{step}")),
        (3, Gen.Choose(min, max).Select(value => $"{value}")),
        (2, from first in Gen.Choose(min, max) from last in Gen.Choose(first, max) select $"{first}-{last}"),
        (2, from first in Gen.Choose(min, max - 1) from last in Gen.Choose(first + 1, max) from step in Gen.Choose(1, last - first) select $"{first}-{last}/{step}"),
        (1, from one in Gen.Choose(min, max) from other in Gen.Choose(min, max - 2) from step in Gen.Choose(1, 2) select $"{one},{other}-{max}/{step}"));
}
