using System.Globalization;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Schedules;
using MudBlazor;

namespace Grainflow.WebConsole.Schedules;

/// <summary>How schedules and what they did are told.</summary>
internal static class ScheduleWords
{
    /// <summary>When a schedule is due, in English.</summary>
    public static string When(GraphExecutionJobInfo schedule)
    {
        if (schedule.RunAt is { } at) return $"Once, on {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC";
        try
        {
            return CronDialects.TryParse(schedule.CronDialect, out var dialect) ? CronExpression.Parse(schedule.Cron, dialect).Describe() : schedule.Cron;
        }
        catch (CronException)
        {
            // Stored by an older program with other rules; the scheduler disables it and says why.
            return schedule.Cron;
        }
    }

    /// <summary>Whether a schedule fires, with a colour and the reason where it does not.</summary>
    public static (string Word, Color Color, string? Why) State(GraphExecutionJobInfo schedule) => schedule switch
    {
        { Enabled: false, DisabledReason: { } reason } => ("disabled by the scheduler", Color.Error, reason),
        { Enabled: false } => ("disabled", Color.Default, null),
        { NextRunAt: null } => ("over", Color.Default, "It is not due again."),
        _ => ("enabled", Color.Success, null),
    };

    /// <summary>A time with an offset as the server writes it, for people: weekday, date, time and offset.</summary>
    /// <param name="local">ISO 8601 with an offset.</param>
    public static string Local(string? local)
    {
        if (local is null) return "–";
        return DateTimeOffset.TryParse(local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? at.ToString(at.Second == 0 ? "ddd yyyy-MM-dd HH:mm zzz" : "ddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)
            : local;
    }

    /// <summary>A length of time.</summary>
    /// <param name="milliseconds">In milliseconds; null for none.</param>
    public static string Duration(double? milliseconds)
    {
        if (milliseconds is not { } value) return "–";
        if (value < 1000) return value.ToString("N0", CultureInfo.InvariantCulture) + " ms";
        var seconds = value / 1000;
        if (seconds < 60) return seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return time.TotalHours < 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{(long)time.TotalHours:N0} h {time.Minutes} min";
    }

    /// <summary>Credits.</summary>
    public static string Credits(long credits) => string.Create(CultureInfo.InvariantCulture, $"{credits:N0} {(Math.Abs(credits) == 1 ? "credit" : "credits")}");

    /// <summary>A rate.</summary>
    /// <param name="percent">In percent; null for none.</param>
    public static string Percent(double? percent) => percent is { } value ? value.ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>The colour of a row of a history.</summary>
    public static Color ColorOf(string status) => status switch
    {
        "success" => Color.Success,
        "failed" => Color.Error,
        "skipped" => Color.Warning,
        "running" => Color.Info,
        _ => Color.Default,
    };

    /// <summary>How a row of a history came about.</summary>
    public static string By(ScheduleExecution row) => row.TriggeredBy switch
    {
        "schedule" => "schedule",
        "manual" => "by hand",
        "backfill" => "made up for",
        "retry" => $"schedule, attempt {row.Attempt}",
        _ => row.TriggeredBy,
    };
}
