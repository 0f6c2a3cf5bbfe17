using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>Computes the schemas of a graph's inputs and outputs (contract: semantics 1.3).</summary>
public static class GraphSchemas
{
    /// <summary>An object schema with one property for each Input node.</summary>
    /// <param name="graph">The graph.</param>
    public static JsonElement Input(GraphIndex graph) => Derive(graph, BlockKind.Input);

    /// <summary>An object schema with one property for each Output node.</summary>
    /// <param name="graph">The graph.</param>
    public static JsonElement Output(GraphIndex graph) => Derive(graph, BlockKind.Output);

    private static JsonElement Derive(GraphIndex graph, BlockKind kind)
    {
        var properties = new PinValues(StringComparer.Ordinal);
        var required = new List<string>();
        foreach (var node in graph.Graph.Nodes)
        {
            if (graph.FindBlock(node.Id) is not { } block || block.Kind != kind || node.PinName is not { } name) continue;
            // The schema of the last of several nodes with the same name is used; a run gives its value to all of them.
            properties[name] = Property(node, block, name);
            required.Remove(name);
            if (Default(node, block) is null) required.Add(name);
        }

        return JsonValues.Object(
            KeyValuePair.Create("type", JsonValues.From("object")),
            KeyValuePair.Create("properties", JsonValues.Object(properties)),
            KeyValuePair.Create("required", JsonValues.Array(required.Select(name => JsonValues.From(name)))));
    }

    private static JsonElement Property(GraphNode node, BlockDefinition block, string name)
    {
        var property = new PinValues(StringComparer.Ordinal);
        if (block.InputSchema.Member("properties")?.Member("value") is { } value)
        {
            foreach (var member in value.EnumerateObject())
                if (member.Name is not ("description" or "default")) property[member.Name] = member.Value;
        }

        if (block.Kind == BlockKind.Input
            && node.InputDefault.Member("placeholder_values") is { ValueKind: JsonValueKind.Array } placeholders && placeholders.GetArrayLength() > 0)
        {
            property["enum"] = placeholders;
        }

        var fallback = Default(node, block);
        property["secret"] = JsonValues.From(Flag(node, "secret"));
        property["advanced"] = JsonValues.From(Flag(node, "advanced") && fallback is not null);
        property["title"] = JsonValues.From(Text(node, "title") ?? name);
        if (Text(node, "description") is { } description) property["description"] = JsonValues.From(description);
        if (fallback is not null) property["default"] = fallback.Value;
        return JsonValues.Object(property);
    }

    private static JsonElement? Default(GraphNode node, BlockDefinition block)
    {
        var value = node.InputDefault.Member("value") ?? block.FindInput("value")?.Default;
        return value is { } element && !element.IsNull() ? element : null;
    }

    private static bool Flag(GraphNode node, string name) => node.InputDefault.Member(name) is { } flag && Truth.IsTruthy(flag);

    private static string? Text(GraphNode node, string name) =>
        node.InputDefault.Member(name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } given ? given : null;
}
