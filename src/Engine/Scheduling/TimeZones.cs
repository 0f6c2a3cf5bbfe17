using System.Collections.Frozen;
using NodaTime;
using NodaTime.TimeZones;

namespace Grainflow.Engine.Scheduling;

/// <summary>A time zone is not known.</summary>
/// <param name="id">The name that was given.</param>
/// <param name="message">What is wrong, with the right name where one is known.</param>
public sealed class UnknownTimeZoneException(string id, string message) : Exception(message)
{
    /// <summary>The name that was given.</summary>
    public string Id { get; } = id;
}

/// <summary>Finds time zones by their IANA names (contract: semantics 5.3; row 53 of 11.5).</summary>
/// <param name="provider">The rules, for example <see cref="DateTimeZoneProviders.Tzdb"/>.</param>
public sealed class TimeZones(IDateTimeZoneProvider provider)
{
    private const int LongestName = 64;

    /// <summary>Abbreviations that are not names of zones, and what people who write them mean.</summary>
    private static readonly FrozenDictionary<string, string> Abbreviations = new[]
    {
        ("America/Los_Angeles", "PST PDT PT"),
        ("America/Denver", "MDT MT"),
        ("America/Chicago", "CST CDT CT"),
        ("America/New_York", "EDT ET"),
        ("America/Anchorage", "AKST AKDT"),
        ("America/Halifax", "AST ADT"),
        ("America/St_Johns", "NST NDT"),
        ("America/Sao_Paulo", "BRT"),
        ("America/Argentina/Buenos_Aires", "ART"),
        ("Europe/London", "BST"),
        ("Europe/Lisbon", "WEST"),
        ("Europe/Berlin", "CEST"),
        ("Europe/Helsinki", "EEST"),
        ("Europe/Moscow", "MSK"),
        ("Europe/Istanbul", "TRT"),
        ("Africa/Johannesburg", "SAST"),
        ("Africa/Maputo", "CAT"),
        ("Africa/Nairobi", "EAT"),
        ("Africa/Lagos", "WAT"),
        ("Asia/Dubai", "GST"),
        ("Asia/Karachi", "PKT"),
        ("Asia/Kolkata", "IST"),
        ("Asia/Bangkok", "ICT"),
        ("Asia/Jakarta", "WIB"),
        ("Asia/Singapore", "SGT"),
        ("Asia/Hong_Kong", "HKT"),
        ("Asia/Manila", "PHT"),
        ("Asia/Tokyo", "JST"),
        ("Asia/Seoul", "KST"),
        ("Australia/Perth", "AWST"),
        ("Australia/Adelaide", "ACST ACDT"),
        ("Australia/Sydney", "AEST AEDT"),
        ("Pacific/Auckland", "NZST NZDT"),
        ("UTC", "Z"),
    }
        .SelectMany(row => row.Item2.Split(' '), (row, name) => (Name: name, Zone: row.Item1))
        .ToFrozenDictionary(row => row.Name, row => row.Zone, StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds a zone.</summary>
    /// <param name="id">An IANA name, spelled as the data base spells it, for example <c>Europe/London</c>, <c>UTC</c> or <c>EST</c>.</param>
    /// <exception cref="UnknownTimeZoneException">There is no zone of that name. The message proposes one where it can.</exception>
    public DateTimeZone Find(string id)
    {
        if (FindOrNull(id) is { } zone) return zone;
        var shown = id.Length <= LongestName ? id : id[..LongestName] + "...";
        var cure = Proposal(id) is { } proposal ? $"use {proposal}." : "use an IANA name such as Europe/London, or UTC.";
        throw new UnknownTimeZoneException(id, $"'{shown}' is not a time zone of the IANA data base; {cure}");
    }

    /// <summary>Finds a zone, as <see cref="Find"/> does.</summary>
    /// <param name="id">The name.</param>
    /// <returns>Null when there is no zone of that name.</returns>
    public DateTimeZone? FindOrNull(string id) =>
        // NodaTime makes zones of names such as UTC+05 that the data base does not have and other programs do not know.
        id.StartsWith("UTC+", StringComparison.Ordinal) || id.StartsWith("UTC-", StringComparison.Ordinal) ? null : provider.GetZoneOrNull(id);

    /// <summary>The zone that was probably meant, or null.</summary>
    private string? Proposal(string id)
    {
        var wanted = id.Trim().Replace(' ', '_');
        var exact = provider.Ids.FirstOrDefault(known => known.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        if (exact is not null) return exact;
        if (Abbreviations.TryGetValue(wanted, out var zone)) return zone;
        if (TzdbDateTimeZoneSource.Default.WindowsToTzdbIds.TryGetValue(id.Trim(), out var windows)) return windows;
        if (wanted.Length < 3) return null;
        return provider.Ids.FirstOrDefault(known => known.EndsWith("/" + wanted, StringComparison.OrdinalIgnoreCase));
    }
}
