using Grainflow.Gateway.Blocks;

namespace Grainflow.Gateway.Graphs;

/// <summary>What a run will cost, in credits, for the OpenAPI document. The grain of the graph writes the JSON itself.</summary>
internal sealed record CostEstimateAnswer
{
    /// <summary>When each node runs once, at its highest price, without fees.</summary>
    public required long Total { get; init; }

    /// <summary>The most that the run costs, without fees: a node that may run more than once counts as often as the limit of a run allows.</summary>
    public required long Maximum { get; init; }

    /// <summary>True when the total depends on nothing that is not known before the run.</summary>
    public required bool Known { get; init; }

    public required FeeEstimate Fees { get; init; }

    public required IReadOnlyList<NodeCost> Nodes { get; init; }
}

/// <summary>The fees for executions of nodes.</summary>
internal sealed record FeeEstimate
{
    /// <summary>Every how many node executions of the user one is due.</summary>
    public required int Every { get; init; }

    /// <summary>How much it is.</summary>
    public required long Credits { get; init; }

    /// <summary>The most of them in the run; null when a node may run more than once.</summary>
    public required long? AtMost { get; init; }
}

/// <summary>What a node of the graph or of one of its sub-agents will cost.</summary>
internal sealed record NodeCost
{
    public required string GraphId { get; init; }

    public required string NodeId { get; init; }

    /// <summary>The node that runs the sub-agent that this node belongs to.</summary>
    public required string? AgentNodeId { get; init; }

    public required string BlockId { get; init; }

    public required string BlockName { get; init; }

    /// <summary>The most of one execution. What a sub-agent costs is with its own nodes.</summary>
    public required long Cost { get; init; }

    public required BlockCostType? CostType { get; init; }

    /// <summary>False when the cost depends on what is not known before the run.</summary>
    public required bool Known { get; init; }

    /// <summary>True when the node may run more than once, so that its cost is per execution.</summary>
    public required bool Repeats { get; init; }

    /// <summary>How often the node runs at most.</summary>
    public required long ExecutionsAtMost { get; init; }

    /// <summary>Why the cost, or how often the node runs, is not known.</summary>
    public required string? Reason { get; init; }
}
