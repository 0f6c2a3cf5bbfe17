using System.Globalization;
using System.Text;

namespace Grainflow.Blocks.Time;

/// <summary>Formats dates and times like Python's strftime on Linux in the C locale, with glibc's flags for padding and case.</summary>
internal static class Strftime
{
    public static string Write(string format, DateTimeOffset time, TimeZoneInfo zone)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var start = i++;
            var flag = i < format.Length && "-_0^#".Contains(format[i], StringComparison.Ordinal) ? format[i++] : '\0';
            var colon = i + 1 < format.Length && format[i] == ':' && format[i + 1] == 'z';
            if (colon) i++;
            var value = i >= format.Length ? null : Value(format[i], colon, time, zone);

            // An unknown directive is copied unchanged.
            text.Append(value is null ? format[start..Math.Min(i + 1, format.Length)] : Flagged(value, format[i], flag));
        }

        return text.ToString();
    }

    private static string? Value(char directive, bool colon, DateTimeOffset time, TimeZoneInfo zone) => directive switch
    {
        'a' => Net(time, "ddd"),
        'A' => Net(time, "dddd"),
        'b' or 'h' => Net(time, "MMM"),
        'B' => Net(time, "MMMM"),
        'c' => $"{Net(time, "ddd MMM")} {time.Day,2} {Net(time, "HH:mm:ss yyyy")}",
        'C' => $"{time.Year / 100:00}",
        'd' => Net(time, "dd"),
        'D' or 'x' => Net(time, "MM/dd/yy"),
        'e' => $"{time.Day,2}",
        'f' => Net(time, "ffffff"),
        'F' => Net(time, "yyyy-MM-dd"),
        'g' => $"{ISOWeek.GetYear(time.DateTime) % 100:00}",
        'G' => $"{ISOWeek.GetYear(time.DateTime):0000}",
        'H' => Net(time, "HH"),
        'I' => Net(time, "hh"),
        'j' => $"{time.DayOfYear:000}",
        'k' => $"{time.Hour,2}",
        'l' => $"{(time.Hour + 11) % 12 + 1,2}",
        'm' => Net(time, "MM"),
        'M' => Net(time, "mm"),
        'n' => "\n",
        'p' => Net(time, "tt"),
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Net(time, "hh:mm:ss tt"),
        'R' => Net(time, "HH:mm"),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => Net(time, "ss"),
        't' => "\t",
        'T' or 'X' => Net(time, "HH:mm:ss"),
        'u' => $"{(Weekday(time) + 6) % 7 + 1}",
        'U' => $"{(time.DayOfYear + 6 - Weekday(time)) / 7:00}",
        'V' => $"{ISOWeek.GetWeekOfYear(time.DateTime):00}",
        'w' => $"{Weekday(time)}",
        'W' => $"{(time.DayOfYear + 6 - (Weekday(time) + 6) % 7) / 7:00}",
        'y' => Net(time, "yy"),
        'Y' => $"{time.Year}",
        'z' => colon ? Net(time, "zzz") : Net(time, "zzz").Replace(":", "", StringComparison.Ordinal),
        'Z' => Abbreviation(time, zone),
        '%' => "%",
        _ => null,
    };

    private static int Weekday(DateTimeOffset time) => (int)time.DayOfWeek;

    // .NET reads a format of a single letter as a standard format, so no caller passes one.
    private static string Net(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    // The process runs without culture data; .NET then uses the abbreviation of a zone as its name, except for UTC.
    private static string Abbreviation(DateTimeOffset time, TimeZoneInfo zone)
    {
        if (zone.HasSameRules(TimeZoneInfo.Utc)) return "UTC";
        return zone.IsDaylightSavingTime(time) ? zone.DaylightName : zone.StandardName;
    }

    private static string Flagged(string value, char directive, char flag)
    {
        switch (flag)
        {
            case '-' or '_' when IsNumber(value):
                var digits = value.TrimStart('0', ' ');
                if (digits.Length == 0) digits = "0";
                return flag == '-' ? digits : digits.PadLeft(value.Length);
            case '0' when IsNumber(value):
                return value.Replace(' ', '0');
            case '^':
                return value.ToUpperInvariant();
            case '#' when "aAbBh".Contains(directive, StringComparison.Ordinal):
                return value.ToUpperInvariant();
            case '#' when directive is 'p' or 'Z':
                return value.ToLowerInvariant();
            default:
                return value;
        }
    }

    private static bool IsNumber(string value) => value.All(c => char.IsAsciiDigit(c) || c == ' ');
}
