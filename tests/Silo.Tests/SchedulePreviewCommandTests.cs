using System.Text.Json;
using Grainflow.Engine.Scheduling;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.CommandLine.Schedules;
using Microsoft.Extensions.Time.Testing;
using NodaTime;

namespace Grainflow.Silo.Tests;

/// <summary><c>./run schedule preview</c>.</summary>
public sealed class SchedulePreviewCommandTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task The_description_and_the_next_five_times_from_now_on_are_printed()
    {
        var (output, errors) = await RunAsync("--cron", "30 1 * * *", "--timezone", "Europe/London");
        Assert.Equal(
            """
            At 01:30 every day (Europe/London)
              2026-03-29T02:30:00+01:00  2026-03-29T01:30:00Z
              2026-03-30T01:30:00+01:00  2026-03-30T00:30:00Z
              2026-03-31T01:30:00+01:00  2026-03-31T00:30:00Z
              2026-04-01T01:30:00+01:00  2026-04-01T00:30:00Z
              2026-04-02T01:30:00+01:00  2026-04-02T00:30:00Z

            """,
            output);
        Assert.Equal("", errors);
    }

    [Fact]
    public async Task The_command_line_reads_the_standard_dialect_and_warns_of_the_others()
    {
        var (output, errors) = await RunAsync("--cron=0 9 * * 1", "--count=1");
        Assert.Equal("At 09:00 on Monday (UTC)\n  2026-03-30T09:00:00+00:00  2026-03-30T09:00:00Z\n", output);
        Assert.Equal("Warning: The day of week '1' means Monday in the dialect standard; in apscheduler it means Tuesday. Written as mon it means the same days in every dialect.\n", errors);
        Assert.StartsWith("At 09:00 on Tuesday", (await RunAsync("--cron=0 9 * * 1", "--dialect", "apscheduler")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_preview_is_printed_as_json_with_the_warning_inside()
    {
        var (output, errors) = await RunAsync("--json", "--cron", "0 9 * * 1", "--count", "2", "--from", "2026-04-06T11:00:00+02:00");
        Assert.Equal("", errors);
        var preview = JsonElement.Parse(output);
        Assert.Equal(["description", "warning", "next"], preview.EnumerateObject().Select(member => member.Name));
        Assert.Equal("At 09:00 on Monday", preview.GetProperty("description").GetString());
        Assert.Contains("Tuesday", preview.GetProperty("warning").GetString(), StringComparison.Ordinal);
        Assert.Equal(["2026-04-06T09:00:00Z", "2026-04-13T09:00:00Z"], preview.GetProperty("next").EnumerateArray().Select(time => time.GetProperty("utc").GetString()));
        Assert.Equal("2026-04-06T09:00:00+00:00", preview.GetProperty("next")[0].GetProperty("local").GetString());
    }

    [Fact]
    public async Task A_schedule_that_is_not_due_any_more_says_so() =>
        Assert.Equal("Every minute (UTC)\n  It is not due within 100 years.\n", (await RunAsync("--cron", "* * * * *", "--from", "9999-01-01")).Output);

    [Theory]
    [InlineData("schedule preview needs --cron.")]
    [InlineData("--cron: minute: 61 is not one of the numbers from 0 to 59.", "--cron", "61 * * * *")]
    [InlineData("--cron: it has one field instead of five: minute, hour, day of month, month, day of week.", "--cron", "5")]
    [InlineData("--cron needs a value.", "--cron", "--count")]
    [InlineData("--cron is given twice.", "--cron=* * * * *", "--cron=* * * * *")]
    [InlineData("--timezone: 'PST' is not a time zone of the IANA data base; use America/Los_Angeles.", "--cron=* * * * *", "--timezone=PST")]
    [InlineData("--dialect Unix: it must be apscheduler, autogpt or standard.", "--cron=* * * * *", "--dialect=Unix")]
    [InlineData("--count 0: it must be a whole number from 1 to 100.", "--cron=* * * * *", "--count=0")]
    [InlineData("--count 101: it must be a whole number from 1 to 100.", "--cron=* * * * *", "--count=101")]
    [InlineData("--from noon: it must be a time in ISO 8601, for example 2026-03-01T09:00:00+01:00; without an offset it is in UTC.", "--cron=* * * * *", "--from=noon")]
    [InlineData("--json takes no value, but 'yes' is given.", "--json=yes")]
    [InlineData("--timezon is not an option of schedule preview. Did you mean '--timezone'?", "--timezon", "UTC")]
    [InlineData("'*' is one argument too many.", "--cron", "*", "*", "*", "*", "*")]
    public Task A_wrong_argument_is_refused_by_name(string message, params string[] args) => RefusesAsync(message, ["preview", .. args]);

    [Theory]
    [InlineData("./run schedule needs a subcommand: preview, add, list, history, pause, resume, trigger, remove.")]
    [InlineData("'previw' is not a subcommand of ./run schedule. Did you mean 'preview'?", "previw")]
    [InlineData("'--cron' is not a subcommand of ./run schedule.", "--cron", "* * * * *")]
    public Task A_subcommand_must_be_known(string message, params string[] args) => RefusesAsync(message, args);

    private static async Task RefusesAsync(string message, string[] args)
    {
        var refused = await Assert.ThrowsAsync<CliException>(() => RunAsync(args, TextWriter.Null, TextWriter.Null));
        Assert.Equal((ExitCodes.Usage, message + " See ./run schedule --help."), (refused.ExitCode, refused.Message));
    }

    private static async Task<(string Output, string Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        Assert.Equal(ExitCodes.Success, await RunAsync(["preview", .. args], output, errors));
        return (output.ToString(), errors.ToString());
    }

    private static Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors) =>
        ScheduleCommand.RunAsync(args, new ScheduleConsole(output, errors, new TimeZones(DateTimeZoneProviders.Tzdb), Clock, _ => null), CancellationToken.None);
}
