using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>Computes the schemas and flags of a graph version, which are stored with it (contract: semantics 1.1 "Computed graph fields"; ADR 0011).</summary>
public static class GraphFacts
{
    /// <summary>
    /// An object of <c>input_schema</c>, <c>output_schema</c>, <c>has_external_trigger</c>, <c>has_human_in_the_loop</c>,
    /// <c>has_sensitive_action</c>, <c>trigger_setup_info</c>, <c>credentials_input_schema</c>, and <c>sub_graphs</c>: id and
    /// version of every graph below it.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="subGraphs">The graphs that its Agent nodes run, directly or through other sub-graphs.</param>
    public static JsonElement Of(GraphIndex graph, IReadOnlyCollection<GraphIndex> subGraphs) => JsonValues.Object(
        KeyValuePair.Create("input_schema", GraphSchemas.Input(graph)),
        KeyValuePair.Create("output_schema", GraphSchemas.Output(graph)),
        KeyValuePair.Create("has_external_trigger", JsonValues.From(Blocks(graph).Any(IsTrigger))),
        KeyValuePair.Create("has_human_in_the_loop", JsonValues.From(Blocks(graph).Any(block => block.Kind == BlockKind.HumanInTheLoop))),
        KeyValuePair.Create("has_sensitive_action", JsonValues.From(Blocks(graph).Any(block => block.SensitiveAction))),
        KeyValuePair.Create("trigger_setup_info", Blocks(graph).FirstOrDefault(IsTrigger) is { } trigger ? Trigger(trigger) : JsonValues.Null),
        KeyValuePair.Create("credentials_input_schema", GraphCredentials.Schema(graph.Graph.Name, subGraphs.Prepend(graph))),
        KeyValuePair.Create("sub_graphs", JsonValues.Array(subGraphs.Select(subGraph => JsonValues.Object(
            KeyValuePair.Create("id", JsonValues.From(subGraph.Graph.Id)),
            KeyValuePair.Create("version", JsonValues.From(subGraph.Graph.Version)))))));

    private static IEnumerable<BlockDefinition> Blocks(GraphIndex graph) => graph.Graph.Nodes.Select(node => graph.FindBlock(node.Id)).OfType<BlockDefinition>();

    private static bool IsTrigger(BlockDefinition block) => block.Kind is BlockKind.Webhook or BlockKind.WebhookManual;

    private static JsonElement Trigger(BlockDefinition block)
    {
        var credentials = block.Inputs.FirstOrDefault(pin => pin.Credentials is not null);
        var hidden = block.Inputs.Where(pin => pin.Credentials is not null).Select(pin => pin.Name).ToHashSet(StringComparer.Ordinal);
        return JsonValues.Object(
            KeyValuePair.Create("provider", JsonValues.From(block.Webhook?.Provider ?? (credentials?.Credentials?.Providers is [var provider, ..] ? provider : "generic_webhook"))),
            KeyValuePair.Create("config_schema", JsonValues.Object(block.InputSchema.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Name switch
            {
                "properties" => JsonValues.Object(member.Value.EnumerateObject().Where(pin => !hidden.Contains(pin.Name)).Select(pin => KeyValuePair.Create(pin.Name, pin.Value))),
                "required" => JsonValues.Array(member.Value.EnumerateArray().Where(pin => !hidden.Contains(pin.GetString()!))),
                _ => member.Value,
            })))),
            KeyValuePair.Create("credentials_input_name", JsonValues.From(credentials?.Name)));
    }
}
