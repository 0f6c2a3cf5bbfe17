using System.Globalization;

namespace Grainflow.WebConsole.Operator;

/// <summary>Times that have passed, for people.</summary>
internal static class LagText
{
    /// <summary>A time in its two largest units, as <c>3 min 20 s</c>, without the second where it is 0; below a second with one decimal.</summary>
    /// <param name="time">The time; a negative one counts as none.</param>
    public static string Of(TimeSpan time) => time switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalSeconds: < 1 } => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        { TotalMinutes: < 1 } => $"{time.Seconds} s",
        { TotalHours: < 1 } => $"{time.Minutes} min{Rest(time.Seconds, "s")}",
        { TotalDays: < 1 } => $"{time.Hours} h{Rest(time.Minutes, "min")}",
        _ => ((long)time.TotalDays).ToString("N0", CultureInfo.InvariantCulture) + " d" + Rest(time.Hours, "h"),
    };

    private static string Rest(int number, string unit) => number == 0 ? "" : $" {number} {unit}";
}
