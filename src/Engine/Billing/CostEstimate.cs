using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Billing;

/// <summary>What a run will cost, as far as it can be known before (an addition to the contract).</summary>
/// <param name="Nodes">The nodes of the graph and of its sub-agents that run, in the order of the documents; a sub-agent follows the node that runs it.</param>
public sealed record CostEstimate(IReadOnlyList<NodeCostEstimate> Nodes)
{
    /// <summary>The credits when each node runs once, at its highest price.</summary>
    public long Total => Nodes.Sum(node => node.Cost);

    /// <summary>
    /// The most credits that the run costs, without fees. A node that may run more than once counts as often as the limit of a run allows, so this may be far more than the run will cost.
    /// </summary>
    public long Maximum => Nodes.Aggregate(0L, (sum, node) => (long)Int128.Min(sum + ((Int128)node.Cost * node.Executions), long.MaxValue));

    /// <summary>True when a node that costs something may run more than once.</summary>
    public bool Repeats => Nodes.Any(node => node is { Repeats: true, Cost: > 0 });

    /// <summary>True when <see cref="Total"/> is what the run costs if every node runs: no price depends on what is not known before.</summary>
    public bool IsKnown => !Repeats && Nodes.All(node => node.IsKnown);

    /// <summary>The answer of the API.</summary>
    /// <param name="feeEvery">Every how many node executions of a user the fee is due; 1 or more.</param>
    /// <param name="fee">The fee in credits, 0 or more.</param>
    public JsonElement ToJson(int feeEvery, long fee)
    {
        // How many executions of the user there were before is not known: of n, one more than n / every may be due.
        long? executions = Nodes.Any(node => node.Repeats) ? null : Nodes.Count;
        return JsonValues.Object(
            KeyValuePair.Create("total", JsonValues.From(Total)),
            KeyValuePair.Create("maximum", JsonValues.From(Maximum)),
            KeyValuePair.Create("known", JsonValues.From(IsKnown)),
            KeyValuePair.Create("fees", JsonValues.Object(
                KeyValuePair.Create("every", JsonValues.From(feeEvery)),
                KeyValuePair.Create("credits", JsonValues.From(fee)),
                KeyValuePair.Create("at_most", Number((executions + feeEvery - 1) / feeEvery * fee)))),
            KeyValuePair.Create("nodes", JsonValues.Array(Nodes.Select(node => node.ToJson()))));
    }

    private static JsonElement Number(long? number) => number is { } given ? JsonValues.From(given) : JsonValues.Null;
}

/// <summary>What one node will cost.</summary>
public sealed record NodeCostEstimate
{
    /// <summary>The graph of the node.</summary>
    public required string GraphId { get; init; }

    /// <summary>The node.</summary>
    public required string NodeId { get; init; }

    /// <summary>The node that runs the sub-agent that this node belongs to; null for a node of the root.</summary>
    public string? AgentNodeId { get; init; }

    /// <summary>The block.</summary>
    public required string BlockId { get; init; }

    /// <summary>The class name of the block; empty when the block is not known.</summary>
    public required string BlockName { get; init; }

    /// <summary>The most credits of one execution, 0 or more. What a sub-agent costs is with its own nodes.</summary>
    public required long Cost { get; init; }

    /// <summary>The type of the price; null when the node is free.</summary>
    public CostType? Type { get; init; }

    /// <summary>False when the cost depends on what is not known before the run.</summary>
    public bool IsKnown { get; init; } = true;

    /// <summary>The most executions of the node, 1 or more: how often its graph runs at most, times the limit of a run where nothing else bounds it.</summary>
    public long Executions { get; init; } = 1;

    /// <summary>True when the node may run more than once, so that its cost is per execution.</summary>
    public bool Repeats => Executions > 1;

    /// <summary>Why the cost, or how often the node runs, is not known; null when both are.</summary>
    public string? Reason { get; init; }

    internal JsonElement ToJson() => JsonValues.Object(
        KeyValuePair.Create("graph_id", JsonValues.From(GraphId)),
        KeyValuePair.Create("node_id", JsonValues.From(NodeId)),
        KeyValuePair.Create("agent_node_id", JsonValues.From(AgentNodeId)),
        KeyValuePair.Create("block_id", JsonValues.From(BlockId)),
        KeyValuePair.Create("block_name", JsonValues.From(BlockName)),
        KeyValuePair.Create("cost", JsonValues.From(Cost)),
        KeyValuePair.Create("cost_type", JsonValues.From(Type is { } type ? CostTypes.Name(type) : null)),
        KeyValuePair.Create("known", JsonValues.From(IsKnown)),
        KeyValuePair.Create("repeats", JsonValues.From(Repeats)),
        KeyValuePair.Create("executions_at_most", JsonValues.From(Executions)),
        KeyValuePair.Create("reason", JsonValues.From(Reason)));
}
