using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Grainflow.Engine.Scheduling;
using Grainflow.Silo.Hosting;
using NodaTime;

namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary><c>./run schedule preview</c>: what a cron expression means, and when it is due next.</summary>
internal static class PreviewCommand
{
    /// <summary>The dialect of the command line (contract: decision 13).</summary>
    public const CronDialect DefaultDialect = CronDialect.Standard;

    /// <summary>The zone of schedules that name none.</summary>
    public const string DefaultZone = "UTC";

    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints the preview.</summary>
    /// <param name="args">The arguments after <c>preview</c>.</param>
    /// <param name="output">Takes the preview.</param>
    /// <param name="errors">Takes the warning about dialects, which the JSON form has inside.</param>
    /// <param name="zones">The time zones.</param>
    /// <param name="clock">Says where a preview without <c>--from</c> begins.</param>
    /// <returns>An exit code.</returns>
    /// <exception cref="CliException">An argument is wrong.</exception>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors, TimeZones zones, TimeProvider clock)
    {
        var options = new OptionReader("schedule preview", args, ["--cron", "--timezone", "--dialect", "--count", "--from"], ["--json"]);
        var times = Times(options, zones);
        var preview = SchedulePreview.Of(times, From(options, clock), Count(options));
        if (options.Has("--json"))
        {
            output.WriteLine(JsonSerializer.Serialize(new
            {
                preview.Description,
                preview.Warning,
                Next = preview.Next.Select(time => new { Utc = Utc(time), time.Local }),
            }, SnakeCase));
            return ExitCodes.Success;
        }

        output.WriteLine($"{preview.Description} ({times.Zone.Id})");
        foreach (var time in preview.Next) output.WriteLine($"  {time.Local}  {Utc(time)}");
        if (preview.Next.Count == 0) output.WriteLine("  It is not due within 100 years.");
        if (preview.Warning is { } warning) errors.WriteLine($"Warning: {warning}");
        return ExitCodes.Success;
    }

    /// <summary>The occurrences of the expression and zone of the options.</summary>
    /// <exception cref="CliException">One of them is wrong.</exception>
    public static ScheduleTimes Times(OptionReader options, TimeZones zones)
    {
        var name = options.Find("--dialect") ?? DefaultDialect.WireName();
        if (!CronDialects.TryParse(name, out var dialect)) throw OptionReader.Wrong($"--dialect {name}: it must be {CronDialects.Names}.");
        try
        {
            return new ScheduleTimes(CronExpression.Parse(options.Require("--cron"), dialect), Zone(options, zones));
        }
        catch (CronException refusal)
        {
            throw OptionReader.Wrong($"--cron: {(refusal.Field == CronField.Expression ? refusal.Reason : refusal.Message)}");
        }
    }

    /// <summary>The zone of the options.</summary>
    /// <exception cref="CliException">It is not known.</exception>
    public static DateTimeZone Zone(OptionReader options, TimeZones zones)
    {
        try
        {
            return zones.Find(options.Find("--timezone") ?? DefaultZone);
        }
        catch (UnknownTimeZoneException refusal)
        {
            throw OptionReader.Wrong($"--timezone: {refusal.Message}");
        }
    }

    private static int Count(OptionReader options)
    {
        if (options.Find("--count") is not { } text) return SchedulePreview.DefaultCount;
        return (int)(SettingsMap.ToNumber(text, 1, SchedulePreview.MaxCount) ?? throw OptionReader.Wrong($"--count {text}: it must be {SettingsMap.Range(1, SchedulePreview.MaxCount)}."));
    }

    private static DateTimeOffset From(OptionReader options, TimeProvider clock)
    {
        if (options.Find("--from") is not { } text) return clock.GetUtcNow();
        return SchedulePreview.ReadFrom(text) ?? throw OptionReader.Wrong($"--from {text}: it must be a time in ISO 8601, for example 2026-03-01T09:00:00+01:00; without an offset it is in UTC.");
    }

    private static string Utc(PreviewedTime time) => time.Utc.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
