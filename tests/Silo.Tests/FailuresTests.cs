using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.Tests;

public sealed class FailuresTests
{
    [Fact]
    public void An_error_that_no_code_expected_is_one_line_without_a_stack_trace()
    {
        var (message, exitCode) = Failures.Describe(Thrown(), interrupted: false, _ => null);
        Assert.Equal("Grainflow stopped: InvalidOperationException: It is broken. (with LOG_STACK_TRACES=true it says where)", message);
        Assert.Equal(ExitCodes.Refused, exitCode);
    }

    [Fact]
    public void The_cause_of_a_failed_task_is_told_instead_of_its_wrapper() =>
        Assert.StartsWith("Grainflow stopped: InvalidOperationException: ", Failures.Describe(new AggregateException(Thrown()), interrupted: false, _ => null).Message, StringComparison.Ordinal);

    [Fact]
    public void The_stack_trace_is_shown_where_it_was_asked_for() =>
        Assert.Contains("   at " + typeof(FailuresTests).FullName, Failures.Describe(Thrown(), interrupted: false, name => name == Settings.StackTraces ? "1" : null).Message, StringComparison.Ordinal);

    [Fact]
    public void A_cancelled_command_was_interrupted_or_has_lost_its_right_to_the_data()
    {
        Assert.Equal(ExitCodes.Interrupted, Failures.Describe(new OperationCanceledException(), interrupted: true, _ => null).ExitCode);
        Assert.Contains("was lost", Failures.Describe(new OperationCanceledException(), interrupted: false, _ => null).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expected_output", "expected_outputs")]
    [InlineData("nmae", "name")]
    [InlineData("wrd", "word")]
    [InlineData("Language", "language")]
    public void The_nearest_known_name_is_proposed(string given, string meant) =>
        Assert.Equal($" Did you mean '{meant}'?", Nearest.Hint(given, ["inputs", "name", "word", "language", "expected_outputs", "expected_node_outputs"]));

    [Theory]
    [InlineData("code", "body")]
    [InlineData("x", "n")]
    [InlineData("", "name")]
    public void A_name_that_is_not_near_is_not_proposed(string given, string known) => Assert.Equal("", Nearest.Hint(given, [known]));

    [Fact]
    public void A_very_long_name_is_not_compared() => Assert.Equal("", Nearest.Hint(new string('x', 100_000_000), [new string('x', 200)]));

    [Fact]
    public void A_long_list_of_names_is_cut() => Assert.EndsWith("'19' and 5 more", Nearest.List([.. Enumerable.Range(0, 25).Select(number => $"{number}")]), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:8000/api", "http://127.0.0.1:8000/api")]
    [InlineData("http://[::1]:8000/api", "'http://[::1]:8000/api'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("", "''")]
    public void Text_for_a_shell_is_quoted_where_a_shell_would_change_it(string text, string quoted) => Assert.Equal(quoted, ShellText.Quote(text));

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("It is\nbroken.".Replace('\n', ' '));
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }
}
