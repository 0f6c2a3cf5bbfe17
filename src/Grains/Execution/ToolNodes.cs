using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Execution;

/// <summary>The nodes that a node may call as tools, as the message to it has them (contract: block-tiers, Smart Decision Maker).</summary>
internal static class ToolNodes
{
    /// <summary>Finds the tools of a node: the nodes linked from its pin <c>tools</c>, in the order of the links, without those that the run skips. Null for blocks that choose none.</summary>
    /// <param name="session">The run.</param>
    /// <param name="nodeId">The node.</param>
    /// <param name="graphs">The graphs that Agent nodes run.</param>
    public static async Task<JsonPayload?> FindAsync(RunSession session, string nodeId, GraphCache graphs)
    {
        if (session.Graph.FindBlock(nodeId) is not { Kind: BlockKind.Ai }) return null;
        var tools = new List<JsonElement>();
        foreach (var sink in session.Graph.Outgoing(nodeId).Where(link => DynamicPins.IsTool(link.SourceName)).GroupBy(link => link.SinkId, StringComparer.Ordinal))
        {
            if (session.Spec.NodesToSkip.Contains(sink.Key) || session.Graph.FindBlock(sink.Key) is not { } block) continue;
            var node = session.Graph.Node(sink.Key);
            var agent = block.Kind == BlockKind.Agent ? await FindAgentAsync(node, graphs) : null;
            tools.Add(JsonValues.Object(
                KeyValuePair.Create("node_id", JsonValues.From(node.Id)),
                KeyValuePair.Create("block_id", JsonValues.From(node.BlockId)),
                KeyValuePair.Create("title", JsonValues.From(node.CustomizedName)),
                KeyValuePair.Create("constants", Constants(node, session.Spec.Mask(node.Id))),
                KeyValuePair.Create("pins", JsonValues.Array(sink.Select(link => link.SinkName).Distinct(StringComparer.Ordinal).Select(JsonValues.From))),
                KeyValuePair.Create("agent_name", JsonValues.From(agent?.Name)),
                KeyValuePair.Create("agent_description", JsonValues.From(agent?.Description)),
                KeyValuePair.Create("asks_for_review", JsonValues.From(AsksForReview(session, block)))));
        }

        return JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Array(tools)));
    }

    /// <summary>Reads the tools of a message. Those whose block is not known here are left out.</summary>
    /// <param name="payload">The tools, or null.</param>
    /// <param name="blocks">The blocks.</param>
    public static IReadOnlyList<ToolNode> Read(JsonPayload? payload, IBlockRegistry blocks) =>
    [
        .. from tool in payload is { } json ? JsonValues.ParseUtf8(json.Memory.Span).EnumerateArray() : default
           let block = blocks.FindBlock(tool.GetProperty("block_id").GetString()!)?.Definition
           where block is not null
           select new ToolNode
           {
               NodeId = tool.GetProperty("node_id").GetString()!,
               Block = block,
               Title = tool.GetProperty("title").GetString(),
               Constants = tool.GetProperty("constants"),
               Pins = [.. tool.GetProperty("pins").EnumerateArray().Select(pin => pin.GetString()!)],
               AgentName = tool.GetProperty("agent_name").GetString(),
               AgentDescription = tool.GetProperty("agent_description").GetString(),
               AsksForReview = tool.GetProperty("asks_for_review").GetBoolean(),
           },
    ];

    // A model that decides on something that cannot be taken back is a reason to ask, also for blocks that need no review when an author has placed them.
    private static bool AsksForReview(RunSession session, BlockDefinition block) => block.Kind == BlockKind.HumanInTheLoop
        ? !session.Spec.SkipsReviews
        : session.Spec.ReviewsSensitiveActions && (block.SensitiveAction || block.Effect == BlockEffect.Irreversible);

    private static JsonElement Constants(GraphNode node, IReadOnlyDictionary<string, JsonElement>? mask)
    {
        if (mask is null) return node.InputDefault;
        var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in node.InputDefault.EnumerateObject()) members[member.Name] = member.Value;
        foreach (var (pin, value) in mask) members[pin] = value;
        return JsonValues.Object(members);
    }

    private static async Task<Graph?> FindAgentAsync(GraphNode node, GraphCache graphs)
    {
        if (node.InputDefault.Member("graph_id") is not { ValueKind: JsonValueKind.String } id || !Guid.TryParse(id.GetString(), out var graphId)) return null;
        if (node.InputDefault.Member("graph_version") is not { ValueKind: JsonValueKind.Number } number || !number.TryGetInt32(out var version)) return null;
        return (await graphs.FindForRunAsync(graphId, version, CancellationToken.None))?.Index.Graph;
    }
}
