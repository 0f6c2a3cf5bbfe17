using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

public sealed class BlockTableVectorsTests
{
    private static readonly BlockCatalogue Catalogue = new();

    private static readonly IReadOnlyList<IReadOnlyDictionary<string, string>>? Table = SharedFiles.ReadTable("blocks.tsv");

    private static readonly IReadOnlyList<IReadOnlyDictionary<string, string>>? Costs = SharedFiles.ReadTable("costs.tsv");

    public static IEnumerable<TheoryDataRow<string>> Blocks()
    {
        if (Table is null) return [new TheoryDataRow<string>("") { Skip = SharedFiles.AbsentReason }];
        return Catalogue.Blocks.Where(b => !NewerBlocks.Ids.Contains(b.Definition.Id)).Select(b => new TheoryDataRow<string>(b.Definition.Id) { TestDisplayName = $"Table row of {b.Definition.Name}" });
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Block_equals_its_row(string id)
    {
        var block = Catalogue.Find(id)!;
        var row = Table!.Single(r => r["id"] == id);

        Assert.Equal(row["class"], block.Name);
        Assert.Equal(row["sensitive_action"] == "yes", block.SensitiveAction);
        Assert.Equal(Lines(Pins(row["inputs"]).Where(p => p.Contains(":required", StringComparison.Ordinal)).Select(NameOf)), Lines(block.Inputs.Where(p => p.Required).Select(p => p.Name)));
        Assert.Equal(Lines(Pins(row["inputs"]).Select(NameOf)), Lines(block.Inputs.Select(p => p.Name)));
        Assert.Equal(Lines(Pins(row["outputs"]).Select(NameOf)), Lines(block.Outputs.Select(p => p.Name)));
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Every_default_fits_its_pin(string id)
    {
        foreach (var pin in Catalogue.Find(id)!.Inputs)
            if (pin.Default is { ValueKind: not JsonValueKind.Null } value) Assert.Null(SchemaCheck.Find(value, pin.Type, pin.Name));
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Prices_equal_the_cost_table(string id)
    {
        Assert.SkipWhen(Costs is null, SharedFiles.AbsentReason);
        var block = Catalogue.Find(id)!;
        var rows = Costs!.Where(r => r["kind"] == "block" && r["key"] == block.Name).ToList();
        if (rows.Exists(r => r["credits"] == "per model")) rows = [.. Costs!.Where(r => r["kind"] == "llm_model" && r["filter"].Length > 0)];

        // One price of the table stands behind a general one that hides it, and the recorded runs cost the general one.
        rows.RemoveAll(r => r["note"].Contains("never reached, rule 1 matches first", StringComparison.Ordinal));
        Assert.Equal(Lines(rows.Select(r => r["credits"])), Lines(block.Costs.Select(c => c.Credits.ToString(CultureInfo.InvariantCulture))));
        foreach (var (row, rule) in rows.Zip(block.Costs))
        {
            Assert.Equal(CostType.Run, rule.Type);
            Assert.Null(VectorMatcher.Difference(FilterOf(row), rule.Filter));
        }
    }

    [Fact]
    public void Models_equal_the_cost_table()
    {
        Assert.SkipWhen(Costs is null, SharedFiles.AbsentReason);
        var rows = Costs!.Where(r => r["kind"] == "llm_model").Select(r => $"{r["key"]} {r["provider"]} {r["credits"]} {r["note"]}").ToList();

        Assert.Equal(rows.Count, ModelTable.All.Count);
        foreach (var (row, model) in rows.Zip(ModelTable.All))
        {
            var expected = $"{model.Id} {model.Provider} {model.Credits} display={model.DisplayName}; creator={model.Creator}; context={model.ContextWindow}; max_output={model.MaxOutput?.ToString(CultureInfo.InvariantCulture) ?? "None"};";
            Assert.StartsWith(expected, row, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_pin_type_of_the_table_can_be_read()
    {
        Assert.SkipWhen(Table is null, SharedFiles.AbsentReason);
        foreach (var pin in Table!.SelectMany(r => Pins(r["inputs"]).Concat(Pins(r["outputs"])))) Assert.NotNull(PinTypes.Parse(TypeOf(pin)));
    }

    // Two filters of the table name a model as the vendor does, where the pin has another name (block-tiers, quirk 9). A row without a filter always applies.
    private static JsonElement FilterOf(IReadOnlyDictionary<string, string> row) => row["filter"].Length == 0
        ? JsonValues.EmptyObject
        : JsonValues.Parse(row["filter"].Replace("black-forest-labs/flux-kontext-pro", "Flux Kontext Pro", StringComparison.Ordinal).Replace("black-forest-labs/flux-kontext-max", "Flux Kontext Max", StringComparison.Ordinal));

    private static string Lines(IEnumerable<string> names) => string.Join('\n', names);

    private static string[] Pins(string column) => column.Split(" ; ", StringSplitOptions.RemoveEmptyEntries);

    private static string NameOf(string pin) => pin.Split(':')[0];

    private static string TypeOf(string pin)
    {
        var type = pin[(pin.IndexOf(':', StringComparison.Ordinal) + 1)..];
        foreach (var end in (string[])[":required", ":default=", " ["])
            if (type.IndexOf(end, StringComparison.Ordinal) is > 0 and var at) type = type[..at];
        return type;
    }
}
