using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Text;

public sealed class ExtractTextInformationTests
{
    [Fact]
    public async Task A_dot_takes_a_whole_emoji() => Assert.Equal("positive=\"🎉 \"", (await RunAsync("^.{2}", "🎉 done"))[0]);

    [Fact]
    public async Task The_ASCII_flag_leaves_out_other_letters() => Assert.Equal("matched_results=[\"z\",\"fu\"]", (await RunAsync("(?a)\\w+", "ézèfuß", findAll: true))[^2]);

    [Fact]
    public async Task A_final_sigma_is_the_capital_sigma_when_case_is_ignored() => Assert.Equal("positive=\"ΛΟΓΟΣ\"", (await RunAsync("(?i)λογος", "ΛΟΓΟΣ"))[0]);

    [Fact]
    public async Task An_accent_of_its_own_ends_a_word() => Assert.Equal("matched_results=[\"re\",\"sume\",\"ok\"]", (await RunAsync("\\w+", "re\u0301sume\u0301 ok", findAll: true))[^2]);

    [Fact]
    public async Task Fractions_and_Roman_numerals_are_words() => Assert.Equal("matched_results=[\"¾\",\"Ⅻ\"]", (await RunAsync("\\w+", "¾, Ⅻ.", findAll: true))[^2]);

    [Theory]
    [InlineData("(?<n>a)", "a")]
    [InlineData("\\p{L}", "a")]
    [InlineData("a**", "a")]
    [InlineData("(?<=a+)b", "aab")]
    [InlineData("(", "(")]
    public async Task A_pattern_that_Python_refuses_matches_nothing(string pattern, string text) =>
        Assert.Equal([$"negative={JsonValues.Compact(JsonValues.From(text))}", "matched_results=[]", "matched_count=0"], await RunAsync(pattern, text));

    [Theory]
    [InlineData("(a)", 2, "matched_results=[]")]
    [InlineData("(a)", -1, "matched_results=[]")]
    [InlineData("(a)", 4_294_967_297, "matched_results=[]")]
    [InlineData("(a)(?P<n>b)?", 1, "matched_results=[\"a\",\"a\"]")]
    [InlineData("(a)(?P<n>b)?", 2, "matched_results=[]")]
    public async Task A_group_is_chosen_by_its_number(string pattern, long group, string expected) => Assert.Equal(expected, (await RunAsync(pattern, "ab a", group, findAll: true))[^2]);

    [Fact]
    public async Task A_group_that_took_no_part_is_no_match() => Assert.Equal("negative=\"b\"", (await RunAsync("(a)|(b)", "b", 1))[0]);

    [Fact]
    public async Task Matches_are_capped_in_number_and_length()
    {
        Assert.Equal("matched_count=1000", (await RunAsync("a", new string('a', 1_001), 0, findAll: true))[^1]);
        Assert.Equal($"positive=\"{new string('a', 10_000)}\"", (await RunAsync("a+", new string('a', 10_001), 0))[0]);
    }

    [Fact]
    public async Task A_cut_never_goes_through_a_character()
    {
        var grins = string.Concat(Enumerable.Repeat("😀", 10_001));

        Assert.Equal($"positive=\"{grins[2..]}\"", (await RunAsync("😀+", grins))[0]);
        Assert.Equal("matched_results=[\"😀\"]", (await RunAsync(".\\Z", string.Concat(Enumerable.Repeat("😀", 1_000_001))))[^2]);
        Assert.Equal("matched_results=[]", (await RunAsync("b", new string('a', 1_000_000) + "b"))[^2]);
    }

    private static Task<List<string>> RunAsync(string pattern, string text, long group = 0, bool findAll = false) => BlockResults.RunAsync("ExtractTextInformationBlock", JsonValues.Object(
        KeyValuePair.Create("text", JsonValues.From(text)),
        KeyValuePair.Create("pattern", JsonValues.From(pattern)),
        KeyValuePair.Create("group", JsonValues.From(group)),
        KeyValuePair.Create("find_all", JsonValues.From(findAll))));
}
