using System.Text.Json;
using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Logic.Conditions;

/// <summary>What the reference answers about texts of other scripts; <c>tables.py</c> beside this file writes the table.</summary>
public sealed class ConditionTableTests
{
    private static readonly List<JsonElement> Table = Read();

    public static IEnumerable<TheoryDataRow<int>> Rows() => Table.Select((row, index) => new TheoryDataRow<int>(index)
    {
        TestDisplayName = $"Condition {row.GetProperty("value1").GetRawText()} {row.GetProperty("operator").GetString()} {row.GetProperty("value2").GetRawText()}",
    });

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Compares_as_the_reference_does(int row)
    {
        var outputs = await BlockResults.RunAsync("ConditionBlock", Table[row].GetRawText());

        Assert.Equal(Table[row].GetProperty("outcome").GetString(), string.Join(' ', outputs));
    }

    private static List<JsonElement> Read()
    {
        using var reader = new StreamReader(typeof(ConditionTableTests).Assembly.GetManifestResourceStream("conditions.jsonl")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }
}
