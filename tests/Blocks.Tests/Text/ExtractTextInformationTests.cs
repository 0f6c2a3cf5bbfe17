using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Text;

public sealed class ExtractTextInformationTests
{
    [Theory]
    [InlineData("(?P<year>\\d+)-(\\d+)", "2024-05", 2, "05")]
    [InlineData("(\\w)(?P<x>\\w)(?P=x)\\1", "abba", 2, "b")]
    [InlineData("(a)(?P<n>b)?(?(n)c|d)", "ad", 0, "ad")]
    [InlineData("(a)?(?(1)b|c)", "ab", 0, "ab")]
    [InlineData("abc\\Z", "abc", 0, "abc")]
    [InlineData("a{,2}b", "aaab", 0, "aab")]
    [InlineData("x{}", "x{}", 0, "x{}")]
    [InlineData("x{1}{", "x{", 0, "x{")]
    [InlineData("[[a]+", "[a[", 0, "[a[")]
    [InlineData("[]a]+", "]a", 0, "]a")]
    [InlineData("[^]a]+", "]bc", 0, "bc")]
    [InlineData("[a-c-[b]+", "-[b", 0, "-[b")]
    [InlineData("(?i:AB)c", "abc", 0, "abc")]
    [InlineData("(?ai)AB", "ab", 0, "ab")]
    [InlineData("(?#comment)a", "a", 0, "a")]
    [InlineData("\\_\\-\\ \\#", "_- #", 0, "_- #")]
    [InlineData("\\x41\\u0042\\U00000043\\103", "ABCC", 0, "ABCC")]
    [InlineData("[\\x5d\\b]", "]", 0, "]")]
    [InlineData("😀+", "😀😀", 0, "😀😀")]
    [InlineData("a++b", "aab", 0, "aab")]
    [InlineData("(?>a+)b", "aab", 0, "aab")]
    [InlineData("(?<=a)b(?!c)", "abd", 0, "b")]
    [InlineData("a$", "a\n", 0, "a")]
    public async Task A_Python_pattern_matches_as_in_Python(string pattern, string text, int group, string expected) =>
        Assert.Equal($"positive={JsonValues.Compact(JsonValues.From(expected))}", (await RunAsync(pattern, text, group))[0]);

    [Theory]
    [InlineData("abc\\Z", "abc\n")]
    [InlineData("a++ab", "aaab")]
    [InlineData("(?<n>a)", "a")]
    [InlineData("(?P<n>a)(?P<n>b)", "ab")]
    [InlineData("\\p{L}", "a")]
    [InlineData("\\z", "")]
    [InlineData("a**", "a")]
    [InlineData("*a", "*a")]
    [InlineData("\\b+", "a")]
    [InlineData("a)", "a)")]
    [InlineData("[a", "a")]
    [InlineData("\\2(a)", "a")]
    [InlineData("(?P=n)", "a")]
    [InlineData("a\\", "a")]
    [InlineData("\\x4", "a")]
    public async Task What_Python_refuses_or_does_not_match_is_no_match(string pattern, string text) =>
        Assert.Equal([$"negative={JsonValues.Compact(JsonValues.From(text))}", "matched_results=[]", "matched_count=0"], await RunAsync(pattern, text, 0));

    [Fact]
    public async Task A_group_that_took_no_part_is_no_match() => Assert.Equal("negative=\"b\"", (await RunAsync("(a)|(b)", "b", 1))[0]);

    [Theory]
    [InlineData("[ab]??", "abC", "[\"\",\"a\",\"\",\"b\",\"\",\"\"]")]
    [InlineData("a*", "aab", "[\"aa\",\"\",\"\"]")]
    [InlineData("b??|a", "ab", "[\"\",\"a\",\"\",\"b\",\"\"]")]
    public async Task Empty_matches_come_as_in_Python(string pattern, string text, string expected) =>
        Assert.Equal($"matched_results={expected}", (await RunAsync(pattern, text, 0, findAll: true))[^2]);

    [Fact]
    public async Task Matches_are_capped_in_number_and_length()
    {
        Assert.Equal("matched_count=1000", (await RunAsync("a", new string('a', 1_001), 0, findAll: true))[^1]);
        Assert.Equal($"positive=\"{new string('a', 10_000)}\"", (await RunAsync("a+", new string('a', 10_001), 0))[0]);
    }

    private static Task<List<string>> RunAsync(string pattern, string text, int group, bool findAll = false) => BlockResults.RunAsync("ExtractTextInformationBlock", JsonValues.Object(
        KeyValuePair.Create("text", JsonValues.From(text)),
        KeyValuePair.Create("pattern", JsonValues.From(pattern)),
        KeyValuePair.Create("group", JsonValues.From(group)),
        KeyValuePair.Create("find_all", JsonValues.From(findAll))));
}
