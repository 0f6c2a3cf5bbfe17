using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

public sealed class GraphSchemasVectorsTests
{
    [Theory]
    [AgentFile]
    public void The_schemas_of_a_real_export_are_derived_as_it_stores_them(string file)
    {
        var source = JsonValues.ParseUtf8(ContractFiles.ReadAgent(file));
        JsonElement[] stored = [source, .. source.Member("sub_graphs") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : []];

        foreach (var (graph, export) in GraphDocument.ReadBundle(source).All.Zip(stored))
        {
            var index = new GraphIndex(graph, ContractCatalogue.Instance);
            AssertSame(export.Member("input_schema"), GraphSchemas.Input(index));
            AssertSame(export.Member("output_schema"), GraphSchemas.Output(index));
        }
    }

    private static void AssertSame(JsonElement? stored, JsonElement derived)
    {
        // The templates are from before schemas were stored.
        if (stored is not { } expected) return;
        Assert.Equal(Text(expected), Text(derived));
    }

    private static string Text(JsonElement schema) => JsonValues.Compact(Sorted(schema));

    // Members may stand in any order; the order of required names is that of the nodes.
    private static JsonElement Sorted(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonValues.Object(value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Name, Sorted(member.Value)))),
        JsonValueKind.Array => JsonValues.Array(value.EnumerateArray().Select(Sorted)),
        _ => value,
    };
}
