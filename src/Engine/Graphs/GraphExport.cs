using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>Copies a graph without secrets and webhooks, for passing it on to others (contract: semantics 1.9 "Secret stripping on export").</summary>
public static class GraphExport
{
    private static readonly string[] SecretWords = ["credentials", "api_key", "password", "token", "secret"];

    /// <summary>The copy, with the same ids and version.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="catalogue">The blocks, whose pins may be marked as secret.</param>
    public static Graph Strip(Graph graph, IBlockCatalogue catalogue) => graph with
    {
        Nodes = [.. graph.Nodes.Select(node => node with { WebhookId = null, InputDefault = Strip(node, catalogue.Find(node.BlockId)) })],
    };

    private static JsonElement Strip(GraphNode node, BlockDefinition? block)
    {
        var secretInput = block?.Kind == BlockKind.Input && node.InputDefault.Member("secret") is { } flag && Truth.IsTruthy(flag);
        return JsonValues.Object(node.InputDefault.EnumerateObject()
            .Where(member => !(secretInput && member.NameEquals("value"))
                && block?.FindInput(DynamicPins.BaseName(member.Name)) is not { Secret: true }
                && !(block?.Kind == BlockKind.Agent && member.NameEquals("user_id"))
                && !IsSecret(member))
            .Select(member => KeyValuePair.Create(member.Name, Strip(member.Value))));
    }

    private static JsonElement Strip(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? JsonValues.Object(value.EnumerateObject().Where(member => !IsSecret(member)).Select(member => KeyValuePair.Create(member.Name, Strip(member.Value))))
        : value;

    private static bool IsSecret(JsonProperty member) =>
        member.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
        && SecretWords.Any(PythonCase.Lower(member.Name).Contains);
}
