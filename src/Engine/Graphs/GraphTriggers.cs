using Grainflow.Engine.Catalogue;

namespace Grainflow.Engine.Graphs;

/// <summary>The node at which a webhook starts a graph.</summary>
/// <param name="Node">The node.</param>
/// <param name="Block">Its block.</param>
/// <param name="Webhook">The webhook of the block.</param>
public sealed record TriggerNode(GraphNode Node, BlockDefinition Block, WebhookTrigger Webhook)
{
    /// <summary>The pin that takes the payload of a delivery.</summary>
    public const string PayloadPin = "payload";

    /// <summary>The credentials pin of the block; null when it has none.</summary>
    public PinDefinition? CredentialsPin => Block.Inputs.FirstOrDefault(pin => pin.Credentials is not null);

    /// <summary>The first node of a graph whose block is started by a webhook (contract: semantics 1.1, <c>trigger_setup_info</c>); null when there is none.</summary>
    /// <param name="graph">The graph.</param>
    public static TriggerNode? Of(GraphIndex graph)
    {
        foreach (var node in graph.Graph.Nodes)
            if (graph.FindBlock(node.Id) is { Webhook: { } webhook } block) return new TriggerNode(node, block, webhook);
        return null;
    }
}
