namespace Grainflow.Engine.Scheduling;

/// <summary>The rules by which a cron expression is read (contract: decision 13). A schedule stores its dialect, because the same text may mean other days in another.</summary>
public enum CronDialect
{
    /// <summary>Weekdays 0 (Monday) to 6 (Sunday); day of month and weekday must both match (semantics 5.4). Stored schedules and the scheduler's RPC have it.</summary>
    Apscheduler,

    /// <summary>Weekdays 0 or 7 (Sunday) to 6 (Saturday), and ranges of them may run over the end of the week; day of month and weekday must both match.</summary>
    Autogpt,

    /// <summary>
    /// Vixie cron: weekdays 0 or 7 (Sunday) to 6 (Saturday); when neither day of month nor weekday begins with <c>*</c>, a day that matches one of
    /// them is enough.
    /// </summary>
    Standard,
}

/// <summary>The names of the dialects in requests, settings and stored schedules.</summary>
public static class CronDialects
{
    /// <summary>All dialects, in the order of their numbers.</summary>
    public static IReadOnlyList<CronDialect> All { get; } = Enum.GetValues<CronDialect>();

    /// <summary>The name, for example <c>apscheduler</c>.</summary>
    /// <param name="dialect">The dialect.</param>
    public static string WireName(this CronDialect dialect) => dialect switch
    {
        CronDialect.Apscheduler => "apscheduler",
        CronDialect.Autogpt => "autogpt",
        CronDialect.Standard => "standard",
        _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "There is no such dialect."),
    };

    /// <summary>The names in one text, for messages: <c>apscheduler, autogpt or standard</c>.</summary>
    public static string Names { get; } = string.Join(", ", All.SkipLast(1).Select(WireName)) + " or " + All[^1].WireName();

    /// <summary>Reads a name, which must be spelled as <see cref="WireName"/> writes it.</summary>
    /// <param name="name">The text, or null.</param>
    /// <param name="dialect">The dialect, when there is one of that name.</param>
    public static bool TryParse(string? name, out CronDialect dialect)
    {
        foreach (var known in All)
        {
            dialect = known;
            if (known.WireName() == name) return true;
        }

        dialect = default;
        return false;
    }
}
