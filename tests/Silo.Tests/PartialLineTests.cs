using Grainflow.Silo.Running;

namespace Grainflow.Silo.Tests;

/// <summary>The line of a terminal with a text that is still made.</summary>
public sealed class PartialLineTests
{
    [Theory]
    [InlineData("short", "short")]
    [InlineData("two\n\n  lines\t", "two lines ")]
    [InlineData("\u001b[2J\u0007steers \u009b31m\u202ethe terminal", "[2J steers 31m the terminal")]
    [InlineData("an emoji 😀", "an emoji 😀")]
    public void It_shows_the_text_without_what_steers_a_terminal(string text, string shown) =>
        Assert.Equal($"\r\u001b[K           \u001b[2m… {shown}\u001b[0m", PartialLine.Of(text));

    [Fact]
    public void It_shows_the_end_of_a_long_text_in_whole_characters()
    {
        Assert.EndsWith($"… {new string('x', 57)}end\u001b[0m", PartialLine.Of(new string('x', 5_000) + "end"), StringComparison.Ordinal);
        Assert.DoesNotContain('\ufffd', PartialLine.Of(string.Concat(Enumerable.Repeat("😀", 500)) + "x"));
    }

    [Fact]
    public void The_next_line_takes_its_place_and_clears_it_once()
    {
        using var written = new StringWriter { NewLine = "\n" };
        var lines = new ProgressLines(written);
        lines.Write("one");
        lines.Show("text");
        lines.Write("two");
        lines.Clear();
        lines.Show("late");
        lines.Clear();

        Assert.Equal($"one\n{PartialLine.Of("text")}{PartialLine.Clear}two\n{PartialLine.Of("late")}{PartialLine.Clear}", written.ToString());
    }
}
