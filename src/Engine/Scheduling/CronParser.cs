namespace Grainflow.Engine.Scheduling;

/// <summary>
/// Reads cron expressions (contract: semantics 5.4; decision 13). What a dialect does not have is refused: nothing is guessed, wrapped round or
/// shortened, because a schedule that runs at another time than its author meant is noticed late.
/// </summary>
internal static class CronParser
{
    private const string Aliases = "@yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly";

    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    /// <summary>Reads an expression.</summary>
    /// <returns>The text with single blanks, and its values.</returns>
    public static (string Text, CronFields Fields) Parse(string text, CronDialect dialect)
    {
        if (text.Length > CronExpression.MaxLength)
            throw Wrong(CronField.Expression, $"it has {text.Length} characters; the most are {CronExpression.MaxLength}.");
        var parts = text.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) throw Wrong(CronField.Expression, "it is empty; write five fields: minute, hour, day of month, month, day of week.");
        var normal = string.Join(' ', parts);
        if (parts[0].StartsWith('@')) return (normal, ReadFields(Expand(normal), CronDialect.Standard));
        if (parts.Length != 5) throw Wrong(CronField.Expression, WrongCount(parts.Length));
        return (normal, ReadFields(parts, dialect));
    }

    /// <summary>The weekdays of a weekday field in a dialect.</summary>
    /// <returns>The set, with bit 0 for Sunday; null when the dialect refuses the field.</returns>
    public static ulong? Weekdays(string field, CronDialect dialect)
    {
        try
        {
            return ReadWeekdays(field, dialect);
        }
        catch (CronException)
        {
            return null;
        }
    }

    private static string WrongCount(int count) => count switch
    {
        1 => "it has one field instead of five: minute, hour, day of month, month, day of week.",
        6 => "it has 6 fields instead of five: minute, hour, day of month, month, day of week. Seconds and years are not accepted; leave out the field that is too many.",
        7 => "it has 7 fields instead of five: minute, hour, day of month, month, day of week. Seconds and years are not accepted; leave out both.",
        _ => $"it has {count} fields instead of five: minute, hour, day of month, month, day of week.",
    };

    private static string[] Expand(string alias) => alias.ToLowerInvariant() switch
    {
        "@yearly" or "@annually" => ["0", "0", "1", "1", "*"],
        "@monthly" => ["0", "0", "1", "*", "*"],
        "@weekly" => ["0", "0", "*", "*", "sun"],
        "@daily" or "@midnight" => ["0", "0", "*", "*", "*"],
        "@hourly" => ["0", "*", "*", "*", "*"],
        "@reboot" => throw Wrong(CronField.Expression, $"@reboot is not a time; the aliases are {Aliases}."),
        _ => throw Wrong(CronField.Expression, $"'{alias}' is not an alias; the aliases are {Aliases}."),
    };

    private static CronFields ReadFields(string[] parts, CronDialect dialect)
    {
        var minutes = Read(CronField.Minute, parts[0], dialect, FieldForm.Minute);
        var hours = Read(CronField.Hour, parts[1], dialect, FieldForm.Hour);
        var days = Read(CronField.DayOfMonth, parts[2], dialect, FieldForm.Day);
        var months = Read(CronField.Month, parts[3], dialect, FieldForm.Month);
        var fields = new CronFields
        {
            Minutes = minutes.All,
            IntervalHours = hours.Stepped,
            FixedHours = hours.Single,
            Days = days.All,
            LastDay = days.Last,
            Months = months.All,
            Weekdays = ReadWeekdays(parts[4], dialect),
            EitherDay = dialect == CronDialect.Standard && !parts[2].StartsWith('*') && !parts[4].StartsWith('*'),
        };
        RefuseImpossible(fields, parts[2]);
        return fields;
    }

    /// <summary>Refuses days that none of the months has. Every date that exists falls on every weekday sooner or later, at most 40 years apart.</summary>
    private static void RefuseImpossible(CronFields fields, string days)
    {
        if (fields.LastDay || fields.EitherDay || fields.HasDates) return;
        throw Wrong(CronField.DayOfMonth, $"'{days}' never comes: the months of this expression have at most {fields.LongestMonth} days. Name a day up to {fields.LongestMonth}, or other months.");
    }

    /// <summary>The weekdays from 0 for Sunday: 7 is another Sunday, after which the days of a range begin anew, and numbers from Monday move up by one.</summary>
    private static ulong ReadWeekdays(string text, CronDialect dialect)
    {
        var days = Read(CronField.DayOfWeek, text, dialect, dialect == CronDialect.Apscheduler ? FieldForm.WeekdayFromMonday : FieldForm.WeekdayFromSunday).All;
        if (dialect != CronDialect.Apscheduler) return (days | (days >> 7)) & CronFields.AllWeekdays;
        return ((days << 1) | (days >> 6)) & CronFields.AllWeekdays;
    }

    private static FieldValues Read(CronField field, string text, CronDialect dialect, FieldForm form)
    {
        var values = new FieldValues(0, 0, false);
        foreach (var item in text.Split(','))
        {
            if (item.Length == 0) throw Wrong(field, $"'{text}' has a comma with nothing before or after it; write a value there or leave the comma out.");
            values = values.Or(new ItemReader(field, item, dialect, form).Read());
        }

        return values;
    }

    internal static CronException Wrong(CronField field, string reason) => new(field, reason);
}

/// <summary>The values of a field.</summary>
/// <param name="Stepped">Those of entries with <c>*</c> or a step.</param>
/// <param name="Single">Those of single values and ranges without a step.</param>
/// <param name="Last">Whether the last day of the month is among them.</param>
internal readonly record struct FieldValues(ulong Stepped, ulong Single, bool Last)
{
    public ulong All => Stepped | Single;

    public FieldValues Or(FieldValues other) => new(Stepped | other.Stepped, Single | other.Single, Last || other.Last);
}

/// <summary>The numbers and names of a field.</summary>
/// <param name="Min">The lowest number.</param>
/// <param name="Max">The highest number that counts for <c>*</c> and for steps.</param>
/// <param name="Highest">The highest number that may be written: 7 beside <paramref name="Max"/> 6 where 7 is a second number of Sunday.</param>
/// <param name="Names">Names of the numbers from <paramref name="Min"/> on; empty where there are none.</param>
internal sealed record FieldForm(int Min, int Max, int Highest, string[] Names)
{
    public static FieldForm Minute { get; } = new(0, 59, 59, []);

    public static FieldForm Hour { get; } = new(0, 23, 23, []);

    public static FieldForm Day { get; } = new(1, 31, 31, []);

    public static FieldForm Month { get; } = new(1, 12, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]);

    public static FieldForm WeekdayFromMonday { get; } = new(0, 6, 6, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);

    public static FieldForm WeekdayFromSunday { get; } = new(0, 6, 7, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);
}
