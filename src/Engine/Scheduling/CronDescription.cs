using System.Globalization;
using System.Numerics;

namespace Grainflow.Engine.Scheduling;

/// <summary>Writes what an expression means in English, with hours from 00 to 23.</summary>
internal static class CronDescription
{
    /// <summary>Up to this many times of a day are listed one by one.</summary>
    private const int ListedTimes = 6;

    public static string Of(CronFields fields)
    {
        var (times, listed) = Times(fields);
        return times + Days(fields, listed);
    }

    /// <summary>The names of the weekdays, for example <c>Monday through Friday</c>.</summary>
    /// <param name="set">The set, with bit 0 for Sunday.</param>
    /// <param name="conjunction">The word before the last one.</param>
    public static string Weekdays(ulong set, string conjunction = "and")
    {
        if (set == CronFields.AllWeekdays) return "every day";
        // A row of days may run over the end of the week, whatever its first day is: Friday through Monday.
        var twice = set | (set << 7);
        var length = BitOperations.PopCount(set);
        for (var first = 0; first < 7 && length >= 3; first++)
        {
            var row = ((1UL << length) - 1) << first;
            if ((twice & row) == row) return $"{DayName(first)} through {DayName((first + length - 1) % 7)}";
        }

        return Join(MondayFirst(set).Select(DayName), conjunction);
    }

    /// <summary>The members of a set of weekdays from Monday to Sunday.</summary>
    public static IEnumerable<int> MondayFirst(ulong set) => Bits.Of(set).OrderBy(day => (day + 6) % 7);

    /// <summary>The name that every dialect accepts, for example <c>mon</c>.</summary>
    public static string ShortName(int day) => DayName(day)[..3].ToLowerInvariant();

    private static (string Text, bool Listed) Times(CronFields fields)
    {
        var (minutes, hours) = (fields.Minutes, fields.Hours);
        var minuteCount = BitOperations.PopCount(minutes);
        var allHours = hours == CronFields.AllHours;
        if (!allHours && minuteCount * BitOperations.PopCount(hours) <= ListedTimes)
            return ("At " + Join(Bits.Of(hours).SelectMany(hour => Bits.Of(minutes).Select(minute => Time(hour, minute)))), true);

        var everyMinutes = minutes == CronFields.AllMinutes ? "Every minute" : Interval(minutes, 60) is { } step ? $"Every {step} minutes" : null;
        if (everyMinutes is not null && minuteCount > 1) return (everyMinutes + (allHours ? "" : Spans(minutes, hours)), false);

        var only = minuteCount == 1 ? BitOperations.TrailingZeroCount(minutes) : (int?)null;
        var past = only == 0 ? "" : $", at {(only is null ? "minutes" : "minute")} {Numbers(minutes)}";
        if (allHours) return ("Every hour" + past, false);
        if (Interval(hours, 24) is { } hourStep) return ($"Every {hourStep} hours{past}", false);
        var runs = Bits.Runs(hours).ToList();
        if (only is { } minute && runs is [var run]) return ($"Every hour from {Time(run.First, minute)} through {Time(run.Last, minute)}", false);
        return ($"At {(only is null ? "minutes" : "minute")} {Numbers(minutes)} of the hours {Numbers(hours)}", false);
    }

    /// <summary>The step when a set is every n-th value from 0 on and n goes into the whole, so that the steps are equal from one whole to the next; else null.</summary>
    private static int? Interval(ulong set, int whole)
    {
        var count = BitOperations.PopCount(set);
        if (count < 2 || whole % count != 0) return null;
        var step = whole / count;
        return step > 1 && Bits.Of(set).Select((value, index) => value == index * step).All(equal => equal) ? step : null;
    }

    private static string Spans(ulong minutes, ulong hours)
    {
        var (first, last) = (BitOperations.TrailingZeroCount(minutes), BitOperations.Log2(minutes));
        var spans = Bits.Runs(hours).Select(run => $"from {Time(run.First, first)} through {Time(run.Last, last)}").ToList();
        return spans.Count <= 3 ? " " + Join(spans) : $" of the hours {Numbers(hours)}";
    }

    private static string Days(CronFields fields, bool listed)
    {
        var anyDay = fields.Days == CronFields.AllDays;
        var anyWeekday = fields.Weekdays == CronFields.AllWeekdays;
        var months = fields.Months == CronFields.AllMonths ? null : Months(fields.Months);
        var everyDay = fields.EitherDay ? anyDay || anyWeekday : anyDay && anyWeekday;
        if (everyDay) return (listed ? " every day" : "") + (months is null ? "" : $" in {months}");
        var date = $"{Dates(fields)} of {months ?? "the month"}";
        if (fields.EitherDay) return $" on {date} and on every {Weekdays(fields.Weekdays)}" + (months is null ? "" : $" in {months}");
        if (anyWeekday) return $" on {date}";
        if (anyDay) return $" on {Weekdays(fields.Weekdays)}" + (months is null ? "" : $" in {months}");
        return $" on {date}, if it is {Weekdays(fields.Weekdays, "or")}";
    }

    private static string Dates(CronFields fields)
    {
        var last = fields.LastDay ? "the last day" : null;
        var days = fields.Days == 0 ? null : (BitOperations.PopCount(fields.Days) == 1 ? "day " : "days ") + Numbers(fields.Days);
        return days is null ? last! : last is null ? days : $"{days} and {last}";
    }

    private static string Months(ulong set) => Join(Bits.Runs(set).SelectMany(run => Row(run, MonthName)));

    private static string Numbers(ulong set) => Join(Bits.Runs(set).SelectMany(run => Row(run, number => $"{number}")));

    /// <summary>Rows of three and more are a range, shorter ones single values.</summary>
    private static IEnumerable<string> Row((int First, int Last) run, Func<int, string> name) => run.Last - run.First >= 2
        ? [$"{name(run.First)} through {name(run.Last)}"]
        : Enumerable.Range(run.First, run.Last - run.First + 1).Select(name);

    private static string Join(IEnumerable<string> texts, string conjunction = "and")
    {
        var all = texts.ToList();
        return all.Count == 1 ? all[0] : $"{string.Join(", ", all[..^1])} {conjunction} {all[^1]}";
    }

    private static string Time(int hour, int minute) => $"{hour:00}:{minute:00}";

    private static string DayName(int day) => CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)day);

    private static string MonthName(int month) => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month);
}
