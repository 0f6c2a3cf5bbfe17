using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs.Schemas;

public sealed class GraphCredentialsVectorsTests
{
    [Theory]
    [AgentFile]
    public void The_credentials_of_a_real_export_are_asked_for_as_it_stores_them(string file)
    {
        var source = JsonValues.ParseUtf8(ContractFiles.ReadAgent(file));
        // The templates are from before this schema was stored.
        if (source.Member("credentials_input_schema") is not { ValueKind: JsonValueKind.Object } stored) return;

        var bundle = GraphDocument.ReadBundle(source);
        var catalogue = new CredentialsCatalogue(Models(stored));
        var derived = GraphCredentials.Schema(bundle.Root.Name, bundle.All.Select(graph => new GraphIndex(graph, catalogue)));

        Assert.Equal(stored.GetProperty("title").GetString(), derived.GetProperty("title").GetString());
        Assert.Equal(Names(stored.GetProperty("properties")).Order(StringComparer.Ordinal), Names(derived.GetProperty("properties")).Order(StringComparer.Ordinal));
        Assert.Equal(Texts(stored.Member("required")), Texts(derived.Member("required")));
        foreach (var property in stored.GetProperty("properties").EnumerateObject())
        {
            var own = derived.GetProperty("properties").GetProperty(property.Name);
            foreach (var member in new[] { "credentials_provider", "credentials_types", "discriminator_values" })
                Assert.Equal(Texts(property.Value.GetProperty(member)), Texts(own.GetProperty(member)));
            foreach (var member in new[] { "properties", "required", "type" })
                Assert.Equal(JsonValues.Compact(property.Value.GetProperty(member)), JsonValues.Compact(own.GetProperty(member)));
            Assert.Equal(property.Value.Member("discriminator")?.GetString(), own.Member("discriminator")?.GetString());
        }
    }

    private static Dictionary<string, string> Models(JsonElement schema) => schema.GetProperty("properties").EnumerateObject()
        .Select(property => property.Value.Member("discriminator_mapping"))
        .OfType<JsonElement>()
        .SelectMany(mapping => mapping.EnumerateObject())
        .DistinctBy(model => model.Name, StringComparer.Ordinal)
        .ToDictionary(model => model.Name, model => model.Value.GetString()!, StringComparer.Ordinal);

    private static IEnumerable<string> Names(JsonElement value) => value.EnumerateObject().Select(member => member.Name);

    private static IEnumerable<string> Texts(JsonElement? list) => list is { } given ? given.EnumerateArray().Select(item => item.ToString()).Order(StringComparer.Ordinal) : [];
}
