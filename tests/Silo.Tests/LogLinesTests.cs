using Grainflow.Silo.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.Silo.Tests;

public sealed class LogLinesTests
{
    [Fact]
    public void An_error_is_one_line_with_the_chain_of_its_causes()
    {
        var line = Write(new LogDetail(wanted: null), LogLevel.Error);
        Assert.EndsWith(" fail: Some.Category[7] It failed. InvalidOperationException: outer (ArgumentException: inner cause)\n", line, StringComparison.Ordinal);
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d\d\d ", line);
    }

    [Fact]
    public void A_server_shows_where_errors_were_thrown_once_it_serves()
    {
        var detail = new LogDetail(wanted: null);
        detail.Serving();
        Assert.Contains("   at " + typeof(LogLinesTests).FullName, Write(detail, LogLevel.Error), StringComparison.Ordinal);
        Assert.Single(Write(detail, LogLevel.Error), '\n');
        Assert.DoesNotContain("   at ", Write(detail, LogLevel.Warning), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_setting_has_the_last_word(bool wanted)
    {
        var detail = new LogDetail(wanted);
        Assert.Equal(wanted, detail.StackTraces);
        detail.Serving();
        Assert.Equal(wanted, detail.StackTraces);
    }

    [Theory]
    [InlineData("Orleans.Messaging", LogLevel.Error, false)]
    [InlineData("Polly", LogLevel.Warning, false)]
    [InlineData("Orleans.Messaging", LogLevel.Critical, true)]
    [InlineData("OrleansLike", LogLevel.Error, true)]
    [InlineData("Grainflow.Grains", LogLevel.Warning, true)]
    public void While_a_command_stops_the_failed_calls_between_grains_are_not_shown(string category, LogLevel level, bool shown)
    {
        var detail = new LogDetail(wanted: null);
        Assert.NotEmpty(Write(detail, level, category));
        detail.Stopping();
        Assert.Equal(shown, Write(detail, level, category).Length > 0);
    }

    private static string Write(LogDetail detail, LogLevel level, string category = "Some.Category")
    {
        using var writer = new StringWriter { NewLine = "\n" };
        try
        {
            throw new InvalidOperationException("outer", new ArgumentException("inner\ncause"));
        }
        catch (InvalidOperationException exception)
        {
            new LogLines(detail, TimeProvider.System).Write(new LogEntry<string>(level, category, new EventId(7), "It failed.", exception, (text, _) => text), null, writer);
        }

        return writer.ToString();
    }
}
