using System.Numerics;

namespace Grainflow.Engine.Scheduling;

/// <summary>A valid cron expression: five fields read by the rules of one dialect (contract: semantics 5.4; decision 13). It knows local times only; <see cref="ScheduleTimes"/> adds a zone.</summary>
public sealed class CronExpression
{
    /// <summary>The longest text that is read, in characters. Lists of every single value of every field are shorter.</summary>
    public const int MaxLength = 512;

    private LocalTimes? _times;

    private CronExpression(string text, CronDialect dialect, CronFields fields)
    {
        Text = text;
        Dialect = dialect;
        Fields = fields;
    }

    /// <summary>The expression as it was written, with single blanks between the fields.</summary>
    public string Text { get; }

    /// <summary>The dialect by which the text was read.</summary>
    public CronDialect Dialect { get; }

    /// <summary>
    /// A sentence that names the days of the weekday field in each dialect, when the dialects that accept this field do not agree about them; else null
    /// (decision 13). Names of weekdays are the same days in all dialects.
    /// </summary>
    public string? DialectWarning => CronWarning.Of(this);

    internal CronFields Fields { get; }

    /// <summary>The local times, made at the first question because most expressions that are read are only stored.</summary>
    internal LocalTimes Times => _times ??= LocalTimes.Of(Fields);

    /// <summary>Reads an expression: five fields with blanks between them, or <c>@hourly</c>, <c>@daily</c> and their like.</summary>
    /// <param name="text">The text, at most <see cref="MaxLength"/> characters.</param>
    /// <param name="dialect">The rules.</param>
    /// <exception cref="CronException">The dialect does not have this expression, or it names a date that never comes.</exception>
    public static CronExpression Parse(string text, CronDialect dialect)
    {
        var (normal, fields) = CronParser.Parse(text, dialect);
        return new CronExpression(normal, dialect, fields);
    }

    /// <summary>The expression in English, with hours from 00 to 23, for example <c>At 09:00 on Monday through Friday</c>.</summary>
    public string Describe() => CronDescription.Of(Fields);

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>The values that an expression allows. Bit n of a set stands for the value n; weekdays count from 0 for Sunday in every dialect.</summary>
internal sealed record CronFields
{
    public const ulong AllMinutes = (1UL << 60) - 1;
    public const ulong AllHours = (1UL << 24) - 1;
    public const ulong AllDays = ((1UL << 31) - 1) << 1;
    public const ulong AllMonths = ((1UL << 12) - 1) << 1;
    public const ulong AllWeekdays = (1UL << 7) - 1;

    public required ulong Minutes { get; init; }

    /// <summary>Hours given as an interval: <c>*</c>, or anything with a step. An hour may be here and in <see cref="FixedHours"/>.</summary>
    public required ulong IntervalHours { get; init; }

    /// <summary>Hours given by number or as a range without a step.</summary>
    public required ulong FixedHours { get; init; }

    public required ulong Days { get; init; }

    /// <summary>Whether the last day of each month is allowed, besides <see cref="Days"/>.</summary>
    public required bool LastDay { get; init; }

    public required ulong Months { get; init; }

    public required ulong Weekdays { get; init; }

    /// <summary>True when a day of month or a weekday that matches is enough; false when both must match.</summary>
    public required bool EitherDay { get; init; }

    public ulong Hours => IntervalHours | FixedHours;

    /// <summary>How many days the longest of the months has in a leap year.</summary>
    public int LongestMonth => Bits.Of(Months).Max(month => month == 2 ? 29 : month is 4 or 6 or 9 or 11 ? 30 : 31);

    /// <summary>Whether one of the months has one of the days.</summary>
    public bool HasDates => BitOperations.TrailingZeroCount(Days) <= LongestMonth;
}
