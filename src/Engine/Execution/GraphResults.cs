using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>Computes the results of a run (contract: semantics 2.11 "outputs", quirk 12 of block-tiers).</summary>
public static class GraphResults
{
    /// <summary>
    /// The values of each output by its name, in the order in which their nodes were queued. An Output node with a <c>format</c> gives its formatted value
    /// once it has emitted it.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="nodes">The run's node executions, in the order of their creation.</param>
    public static OrderedDictionary<string, List<JsonElement>> Outputs(GraphIndex graph, IEnumerable<FinishedNode> nodes) =>
        Outputs(nodes.Where(node => graph.FindBlock(node.NodeId)?.Kind == BlockKind.Output));

    /// <summary>The same as <see cref="Outputs(GraphIndex, IEnumerable{FinishedNode})"/>, for executions of Output nodes only.</summary>
    /// <param name="outputNodes">The executions of the run's Output nodes, in the order of their creation.</param>
    public static OrderedDictionary<string, List<JsonElement>> Outputs(IEnumerable<FinishedNode> outputNodes)
    {
        var outputs = new OrderedDictionary<string, List<JsonElement>>(StringComparer.Ordinal);
        foreach (var node in outputNodes.Where(node => node.Status != ExecutionStatus.Incomplete).OrderBy(node => node.QueuedAt ?? DateTimeOffset.MaxValue))
        {
            if (node.Input.Member("name") is not { ValueKind: JsonValueKind.String } name) continue;
            var key = name.GetString()!;
            if (!outputs.TryGetValue(key, out var values)) outputs.Add(key, values = []);
            values.Add(Value(node));
        }

        return outputs;
    }

    private static JsonElement Value(FinishedNode node)
    {
        var formatted = node.Input.Member("format") is { ValueKind: JsonValueKind.String } format && format.GetString() is { Length: > 0 };
        if (formatted)
        {
            foreach (var (pin, value) in node.Outputs)
                if (pin == "output") return value;
        }

        return node.Input.Member("value") ?? JsonValues.Null;
    }
}

/// <summary>A node execution, as far as the results of a run need it.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Status">The status.</param>
/// <param name="QueuedAt">When its input became complete, or null.</param>
/// <param name="Input">The input, a JSON object.</param>
/// <param name="Outputs">The emitted values by pin, in order.</param>
public sealed record FinishedNode(
    string NodeId, ExecutionStatus Status, DateTimeOffset? QueuedAt, JsonElement Input, IReadOnlyList<KeyValuePair<string, JsonElement>> Outputs);
