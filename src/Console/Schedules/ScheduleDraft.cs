using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Schedules;
using NodaTime;

namespace Grainflow.WebConsole.Schedules;

/// <summary>When a schedule is due, as most people say it.</summary>
public enum SchedulePattern
{
    /// <summary>Every hour, at a minute.</summary>
    Hourly,

    /// <summary>Every day, at a time.</summary>
    Daily,

    /// <summary>From Monday to Friday, at a time.</summary>
    Weekdays,

    /// <summary>Every week, on a day at a time.</summary>
    Weekly,

    /// <summary>Every month, on a day at a time.</summary>
    Monthly,

    /// <summary>Once.</summary>
    Once,

    /// <summary>At the times of a cron expression.</summary>
    Expert,
}

/// <summary>A schedule while it is entered or changed. What it may have is checked by the server; this knows how it is written.</summary>
public sealed partial class ScheduleDraft
{
    /// <summary>The days of the week as expressions name them: the same days in all dialects.</summary>
    internal static readonly IReadOnlyList<(string Name, string Title)> WeekdayNames =
        [("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday"), ("thu", "Thursday"), ("fri", "Friday"), ("sat", "Saturday"), ("sun", "Sunday")];

    // What the server takes for a member that is left out.
    private static readonly SchedulePolicy Default = new();

    private static readonly TimeZones Zones = new(DateTimeZoneProviders.Tzdb);

    /// <summary>The name.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it is for; may be empty.</summary>
    public string Description { get; set; } = "";

    /// <summary>How its times are told.</summary>
    public SchedulePattern Pattern { get; set; } = SchedulePattern.Daily;

    /// <summary>The minute of the hour, 0 to 59.</summary>
    public int Minute { get; set; }

    /// <summary>The time of day, <c>HH:mm</c>.</summary>
    public string Time { get; set; } = "09:00";

    /// <summary>The day of the week, <c>mon</c> to <c>sun</c>.</summary>
    public string Weekday { get; set; } = "mon";

    /// <summary>The day of the month, 1 to 31.</summary>
    public int Day { get; set; } = 1;

    /// <summary>The expression of an expert.</summary>
    public string Cron { get; set; } = "0 9 * * *";

    /// <summary>The rules by which an expression is read.</summary>
    public string Dialect { get; set; } = "standard";

    /// <summary>The IANA name of the zone.</summary>
    public string Zone { get; set; } = "UTC";

    /// <summary>The day of a schedule that is due once, <c>yyyy-MM-dd</c>.</summary>
    public string Date { get; set; } = "";

    /// <summary>What happens while a run of it has not ended.</summary>
    public string Overlap { get; set; } = Default.Overlap.WireName();

    /// <summary>How many seconds late a missed occurrence may be made up for.</summary>
    public int CatchUpSeconds { get; set; } = (int)Default.CatchUp.TotalSeconds;

    /// <summary>By how many seconds a start may be put off.</summary>
    public int JitterSeconds { get; set; } = (int)Default.Jitter.TotalSeconds;

    /// <summary>After how many failed runs in a row it is disabled; 0 for never.</summary>
    public int PauseAfterFailures { get; set; } = Default.PauseAfterFailures;

    /// <summary>Whether a local time that a change of the clock repeats is due twice.</summary>
    public bool RepeatsTimes { get; set; }

    /// <summary>Whether runs may start in some hours only.</summary>
    public bool HasWindow { get; set; }

    /// <summary>The days of these hours, <c>mon</c> to <c>sun</c>; empty for all.</summary>
    public IReadOnlyCollection<string> WindowDays { get; set; } = [];

    /// <summary>The first time of day of these hours, <c>HH:mm</c>.</summary>
    public string WindowFrom { get; set; } = "08:00";

    /// <summary>The first time of day after them.</summary>
    public string WindowTo { get; set; } = "18:00";

    /// <summary>The names of the zones that contain a text, those that begin with it first; blanks stand for underscores.</summary>
    /// <param name="text">The text; null or empty for all.</param>
    public static IReadOnlyList<string> FindZones(string? text)
    {
        var wanted = (text ?? "").Trim().Replace(' ', '_');
        return
        [
            .. DateTimeZoneProviders.Tzdb.Ids.Where(id => Zones.FindOrNull(id) is not null && id.Contains(wanted, StringComparison.OrdinalIgnoreCase))
                .OrderBy(id => id.StartsWith(wanted, StringComparison.OrdinalIgnoreCase) || id.Contains("/" + wanted, StringComparison.OrdinalIgnoreCase) ? 0 : 1).ThenBy(id => id, StringComparer.Ordinal),
        ];
    }

    /// <summary>Whether there is a zone of this name.</summary>
    public static bool IsZone(string name) => Zones.FindOrNull(name) is not null;

    /// <summary>The expression of the draft; null for one that is due once.</summary>
    public string? Expression()
    {
        var (hour, minute) = TimeOnly.TryParseExact(Time, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? (time.Hour, time.Minute) : (0, 0);
        return Pattern switch
        {
            SchedulePattern.Hourly => $"{Minute} * * * *",
            SchedulePattern.Daily => $"{minute} {hour} * * *",
            SchedulePattern.Weekdays => $"{minute} {hour} * * mon-fri",
            SchedulePattern.Weekly => $"{minute} {hour} * * {Weekday}",
            SchedulePattern.Monthly => $"{minute} {hour} {Day} * *",
            SchedulePattern.Once => null,
            _ => Cron.Trim(),
        };
    }

    /// <summary>The instant of a draft that is due once: the local time in its zone. A time that the clock leaves out counts from where it goes on, one that it repeats is the first.</summary>
    /// <returns>Null when the day, the time or the zone cannot be read.</returns>
    public DateTimeOffset? Instant()
    {
        if (Pattern != SchedulePattern.Once || Zones.FindOrNull(Zone) is not { } zone) return null;
        if (!DateOnly.TryParseExact(Date, "yyyy-MM-dd", out var date) || !TimeOnly.TryParseExact(Time, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return null;
        return new LocalDateTime(date.Year, date.Month, date.Day, time.Hour, time.Minute, time.Second).InZoneLeniently(zone).ToDateTimeOffset().ToUniversalTime();
    }

    /// <summary>Reads a stored expression back into a pattern.</summary>
    /// <param name="cron">The expression.</param>
    public void Read(string cron)
    {
        Cron = cron;
        var match = Simple().Match(cron);
        Pattern = SchedulePattern.Expert;
        if (!match.Success) return;
        var (minute, hour, day, weekday) = (match.Groups["minute"].Value, match.Groups["hour"].Value, match.Groups["day"].Value, match.Groups["weekday"].Value.ToLowerInvariant());
        SchedulePattern? found = (hour, day, weekday) switch
        {
            ("*", "*", "*") => SchedulePattern.Hourly,
            ("*", _, _) => null,
            (_, "*", "*") => SchedulePattern.Daily,
            (_, "*", "mon-fri") => SchedulePattern.Weekdays,
            (_, "*", _) => SchedulePattern.Weekly,
            (_, _, "*") => SchedulePattern.Monthly,
            _ => null,
        };
        if (found is not { } pattern || Number(minute) > 59 || (hour != "*" && Number(hour) > 23) || (day != "*" && Number(day) is < 1 or > 31)) return;
        Pattern = pattern;
        Minute = Number(minute);
        if (hour != "*") Time = new TimeOnly(Number(hour), Minute).ToString("HH:mm", CultureInfo.InvariantCulture);
        if (day != "*") Day = Number(day);
        if (pattern == SchedulePattern.Weekly) Weekday = weekday;
    }

    /// <summary>The draft as the body of "create execution schedule", without its inputs and credentials.</summary>
    public IReadOnlyDictionary<string, object?> Body()
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal) { ["name"] = Name.Trim(), ["description"] = Description.Trim(), ["timezone"] = Zone };
        if (Expression() is { } cron) (body["cron"], body["cron_dialect"]) = (cron, Dialect);
        else body["run_at"] = Instant()?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? $"{Date}T{Time}";
        body["policy"] = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["overlap"] = Overlap,
            ["catch_up_seconds"] = CatchUpSeconds,
            ["jitter_seconds"] = JitterSeconds,
            ["pause_after_failures"] = PauseAfterFailures,
            ["repeated_times"] = RepeatsTimes ? "both" : "first",
            ["window"] = HasWindow ? new Dictionary<string, object?>(StringComparer.Ordinal) { ["days"] = WindowDays, ["from"] = WindowFrom, ["to"] = WindowTo } : null,
        };
        return body;
    }

    /// <summary>The body of a change: the members of a body that differ from those of another. A member that is only in the old one stays as it is.</summary>
    /// <param name="before">The body of what is stored.</param>
    /// <param name="after">The body that is wanted.</param>
    public static IReadOnlyDictionary<string, object?> Changes(IReadOnlyDictionary<string, object?> before, IReadOnlyDictionary<string, object?> after)
    {
        var changes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in after)
        {
            if (before.TryGetValue(name, out var old) && Json(old) == Json(value)) continue;
            changes[name] = name == "policy" && old is IReadOnlyDictionary<string, object?> was && value is IReadOnlyDictionary<string, object?> will ? Changes(was, will) : value;
        }

        return changes;
    }

    /// <summary>The draft of a stored schedule.</summary>
    internal static ScheduleDraft Of(GraphExecutionJobInfo schedule)
    {
        var draft = new ScheduleDraft
        {
            Name = schedule.Name,
            Description = schedule.Description ?? "",
            Dialect = schedule.CronDialect,
            Zone = schedule.Timezone,
            Overlap = schedule.Policy.Overlap ?? "allow",
            CatchUpSeconds = schedule.Policy.CatchUpSeconds ?? 0,
            JitterSeconds = schedule.Policy.JitterSeconds ?? 0,
            PauseAfterFailures = schedule.Policy.PauseAfterFailures ?? 0,
            RepeatsTimes = schedule.Policy.RepeatedTimes == "both",
            HasWindow = schedule.Policy.Window is not null,
            WindowDays = schedule.Policy.Window?.Days ?? [],
        };
        if (schedule.Policy.Window is { } window) (draft.WindowFrom, draft.WindowTo) = (window.From, window.To);
        if (schedule.RunAt is { } at)
        {
            var local = NodaTime.Instant.FromDateTimeOffset(at).InZone(Zones.FindOrNull(schedule.Timezone) ?? DateTimeZone.Utc).ToDateTimeUnspecified();
            draft.Pattern = SchedulePattern.Once;
            draft.Date = local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            draft.Time = local.ToString(local.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);
        }
        else
        {
            draft.Read(schedule.Cron);
        }

        return draft;
    }

    private static string Json(object? value) => JsonSerializer.Serialize(value, GatewayJson.Options);

    private static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<minute>\d{1,2}) (?<hour>\d{1,2}|\*) (?<day>\d{1,2}|\*) \* (?<weekday>\*|mon-fri|mon|tue|wed|thu|fri|sat|sun)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Simple();
}
