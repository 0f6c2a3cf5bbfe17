using Grainflow.Blocks.Text;
using Grainflow.Blocks.Text.Patterns;

namespace Grainflow.Blocks.Tests.Text.Patterns;

public sealed class PatternSearchTests
{
    private const string Grin = "\U0001F600";

    [Fact]
    public void A_search_that_takes_too_long_is_stopped()
    {
        var passed = Assert.Throws<PatternLimitException>(() => Found("(?:a+)+b", new string('a', 60), TimeSpan.FromMilliseconds(50)));

        Assert.Equal("The search took longer than 0.05 seconds", passed.Message);
    }

    [Fact]
    public void A_search_that_runs_over_the_text_again_and_again_is_stopped() =>
        Assert.Throws<PatternLimitException>(() => Found("(?=(.*))+?x", new string('a', 400_000), TimeSpan.FromMilliseconds(50)));

    [Fact]
    public void A_search_that_would_keep_too_many_choices_is_stopped()
    {
        var passed = Assert.Throws<PatternLimitException>(() => Found("(((a)|b)|c)*x", new string('a', 1_000_000), TimeSpan.FromMinutes(5)));

        Assert.Equal("The pattern has more than 8000000 choices open at a time", passed.Message);
    }

    [Fact]
    public void A_group_repeats_over_the_longest_text_of_the_block() =>
        Assert.Equal([(0, 1_000_000)], Found("(a|b)+", new string('b', 1_000_000), TimeSpan.FromMinutes(5)));

    [Theory]
    [InlineData(".*x")]
    [InlineData("[\\s\\S]*x")]
    [InlineData("(\\w+)@")]
    [InlineData("[^,]*,")]
    public void A_pattern_that_begins_with_a_run_does_not_begin_again_inside_of_it(string pattern) =>
        Assert.Empty(Found(pattern, new string('a', 300_000), TimeSpan.FromSeconds(2)));

    [Fact]
    public void Half_a_pair_in_the_text_is_a_character_of_its_own()
    {
        Assert.Equal([(0, 1), (1, 2), (2, 3)], Found(".", $"\ud83d{Grin}\ude00", TimeSpan.FromSeconds(30)));
        Assert.Equal([(0, 1)], Found("\\ud83d", $"\ud83d{Grin}", TimeSpan.FromSeconds(30)));
        Assert.Equal($"\ud83d{Grin}", new CodePointText($"\ud83d{Grin}\ude00").Text(0, 2));
    }

    [Fact]
    public void Parentheses_are_nested_as_deeply_as_Python_allows_and_no_deeper()
    {
        Assert.Equal([(0, 1)], Found(Nested(449), "a", TimeSpan.FromSeconds(30)));
        Assert.Equal("more than 450 levels of parentheses", Assert.Throws<PatternException>(() => PythonPattern.Parse(Nested(450), PatternFlags.None)).Message);
        Assert.Throws<PatternException>(() => PythonPattern.Parse(string.Concat(Enumerable.Repeat("(?(1)", 100_000)), PatternFlags.None));

        static string Nested(int levels) => $"{new string('(', levels)}a{new string(')', levels)}";
    }

    // The differences that ADR 0019 lists.
    [Fact]
    public void Names_of_characters_are_refused_with_a_cure() => Assert.Equal(
        "character names such as \\N{EM DASH} are not known; write the character or its code, for example \\u2014 at position 1",
        Assert.Throws<PatternException>(() => PythonPattern.Parse("a\\N{EM DASH}", PatternFlags.None)).Message);

    [Theory]
    [InlineData("(?:(a|b)x|bc)*+", "axbc", 0, 1)]
    [InlineData("((|(?(1)a|b)))c", "bc", 0, 1)]
    public void A_failed_attempt_leaves_no_group_behind(string pattern, string text, int start, int end) =>
        Assert.Equal((start, end), PythonPattern.Parse(pattern, PatternFlags.None).FindAll(new CodePointText(text), TimeSpan.FromSeconds(30)).First().Group(1));

    [Fact]
    public void Flags_of_a_group_hold_where_a_search_begins_too() => Assert.Equal([(0, 1)], Found("(?a:\\W)-?", "é", TimeSpan.FromSeconds(30)));

    private static List<(int Start, int End)> Found(string pattern, string text, TimeSpan limit) =>
        [.. PythonPattern.Parse(pattern, PatternFlags.DotAll).FindAll(new CodePointText(text), limit).Select(match => match.Group(0)!.Value)];
}
