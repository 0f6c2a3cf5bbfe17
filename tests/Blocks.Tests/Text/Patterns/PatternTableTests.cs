using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Blocks.Text;
using Grainflow.Blocks.Text.Patterns;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Text.Patterns;

public sealed class PatternTableTests
{
    public static IEnumerable<TheoryDataRow<int>> Rows() =>
        PythonTables.Patterns.Select((row, i) => new TheoryDataRow<int>(i) { TestDisplayName = $"Python's {row.Pattern} in {JsonValues.Compact(JsonValues.From(row.Text))} {row.Flags}" });

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_pattern_matches_and_is_refused_as_in_Python(int number)
    {
        var row = PythonTables.Patterns[number];

        if (row.Refused is not null)
        {
            var refusal = Assert.Throws<PatternException>(() => PythonPattern.Parse(row.Pattern, row.Options));
            Assert.Equal(row.Refused, refusal.Message);
            return;
        }

        var pattern = PythonPattern.Parse(row.Pattern, row.Options);
        var text = new CodePointText(row.Text);
        var found = pattern.FindAll(text, TimeSpan.FromSeconds(30)).Select(match => Enumerable.Range(0, pattern.Groups + 1).Select(group => TextOf(match.Group(group), text)));
        Assert.Equal(row.Matches, found);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task The_block_gives_what_Python_finds(int number)
    {
        var row = PythonTables.Patterns[number];

        var outputs = await BlockResults.RunAsync("ExtractTextInformationBlock", JsonValues.Object(
            KeyValuePair.Create("text", JsonValues.From(row.Text)),
            KeyValuePair.Create("pattern", JsonValues.From(row.Pattern)),
            KeyValuePair.Create("case_sensitive", JsonValues.From(!row.IgnoresCase)),
            KeyValuePair.Create("dot_all", JsonValues.From(row.DotMatchesAll)),
            KeyValuePair.Create("find_all", JsonValues.True)));

        var matches = (row.Matches ?? []).Select(groups => JsonValues.From(groups[0]!)).ToList();
        List<string> expected =
        [
            .. matches.Select(match => $"positive={JsonValues.Compact(match)}"),
            .. matches.Count == 0 ? [$"negative={JsonValues.Compact(JsonValues.From(row.Text))}"] : Array.Empty<string>(),
            $"matched_results={JsonValues.Compact(JsonValues.Array(matches))}",
            $"matched_count={matches.Count}",
        ];
        Assert.Equal(expected, outputs);
    }

    private static string? TextOf((int Start, int End)? group, CodePointText text) => group is { } found ? text.Text(found.Start, found.End - found.Start) : null;
}
