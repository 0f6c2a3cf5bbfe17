using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

public sealed class BlockSchemasVectorsTests
{
    private static readonly BlockCatalogue Catalogue = new();

    private static readonly Dictionary<string, JsonElement>? Schemas = SharedFiles.ReadJson("block-schemas.json")?.EnumerateArray().ToDictionary(s => s.GetProperty("id").GetString()!, StringComparer.Ordinal);

    public static IEnumerable<TheoryDataRow<string>> Blocks()
    {
        if (Schemas is null) return [new TheoryDataRow<string>("") { Skip = SharedFiles.AbsentReason }];
        // The contract publishes the schemas of the tiers 1 to 3 only.
        return Catalogue.Blocks.Where(b => Schemas.ContainsKey(b.Definition.Id)).Select(b => new TheoryDataRow<string>(b.Definition.Id) { TestDisplayName = $"Schema of {b.Definition.Name}" });
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Equals_the_published_one(string id)
    {
        var block = Catalogue.Find(id)!;
        var published = Schemas![id];

        Assert.Equal(published.GetProperty("name").GetString(), block.Name);
        Assert.Equal(published.GetProperty("staticOutput").GetBoolean(), block.StaticOutput);
        Assert.Equal(published.GetProperty("uiType").GetString(), block.Kind switch
        {
            BlockKind.WebhookManual => "Webhook (manual)",
            BlockKind.HumanInTheLoop => "Human In The Loop",
            BlockKind.Ai => "AI",
            var kind => kind.ToString(),
        });
        Assert.Equal(Lines(published.GetProperty("categories").EnumerateArray().Select(c => c.GetString())), Lines(block.Categories));
        AssertSchema(published.GetProperty("inputSchema"), block.InputSchema);
        AssertSchema(published.GetProperty("outputSchema"), block.OutputSchema);
    }

    private static void AssertSchema(JsonElement published, JsonElement ours)
    {
        var (wanted, found) = (published.GetProperty("properties"), ours.GetProperty("properties"));
        Assert.Equal(Lines(wanted.EnumerateObject().Select(p => p.Name)), Lines(found.EnumerateObject().Select(p => p.Name)));
        foreach (var pin in wanted.EnumerateObject())
            foreach (var field in pin.Value.EnumerateObject())
                AssertField($"{pin.Name}.{field.Name}", field.Value, found.GetProperty(pin.Name).Member(field.Name));
        foreach (var pin in found.EnumerateObject())
            Assert.Equal(Lines(Fields(wanted.GetProperty(pin.Name))), Lines(Fields(pin.Value)));
        Assert.Null(VectorMatcher.Difference(Without(published, "properties"), Without(ours, "properties")));
    }

    // The contract's file writes these in words.
    private static void AssertField(string path, JsonElement published, JsonElement? ours)
    {
        Assert.True(ours is not null, $"{path} is missing");
        if (published.ValueKind == JsonValueKind.String && published.GetString() == "models of costs.tsv")
            Assert.Equal(Lines(ModelTable.All.Select(m => m.Id)), Lines(ours.Value.EnumerateArray().Select(m => m.GetString())));
        else if (published.ValueKind == JsonValueKind.String && published.GetString() == "(own text)")
            Assert.NotEqual("", ours.Value.GetString());
        else if (path.EndsWith(".discriminator_mapping", StringComparison.Ordinal))
            Assert.Equal(ModelTable.All.Select(m => (m.Id, (string?)m.Provider)), ours.Value.EnumerateObject().Select(m => (m.Name, m.Value.GetString())));
        else
            Assert.Null(VectorMatcher.Difference(published, ours.Value, path));
    }

    private static IEnumerable<string> Fields(JsonElement schema) => schema.EnumerateObject().Select(f => f.Name).Order(StringComparer.Ordinal);

    private static string Lines(IEnumerable<string?> names) => string.Join('\n', names);

    private static JsonElement Without(JsonElement schema, string name) =>
        JsonValues.Object(schema.EnumerateObject().Where(m => m.Name != name).Select(m => KeyValuePair.Create(m.Name, m.Value)));
}
