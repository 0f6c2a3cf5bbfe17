using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Projection;

/// <summary>A node execution as readers see it.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Status">Its status.</param>
/// <param name="QueuedAt">When its input was complete, or null.</param>
/// <param name="Input">Its input, an object.</param>
/// <param name="Outputs">What it emitted, in order.</param>
public sealed record FinishedNode(
    string NodeId, ExecutionStatus Status, DateTimeOffset? QueuedAt, JsonElement Input, IReadOnlyList<KeyValuePair<string, JsonElement>> Outputs);

/// <summary>
/// The results of a run (contract: semantics 2.11 "outputs", quirk 12 of block-tiers): what each execution of an Output node stands for, in the order in which
/// they were queued. Live events, queries and the command line compute them here.
/// </summary>
public static class GraphResults
{
    /// <summary>The pin on which an Output node gives the formatted value.</summary>
    private const string FormattedPin = "output";

    /// <summary>Output name to the values it got, of all node executions of a run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="nodes">The run's node executions, in the order of their creation.</param>
    public static OrderedDictionary<string, List<JsonElement>> Outputs(GraphIndex graph, IEnumerable<FinishedNode> nodes) =>
        Outputs(nodes.Where(node => graph.FindBlock(node.NodeId)?.Kind == BlockKind.Output));

    /// <summary>As <see cref="Outputs(GraphIndex, IEnumerable{FinishedNode})"/>, of nodes that are known to be Output nodes.</summary>
    /// <param name="outputNodes">The executions of the run's Output nodes, in the order of their creation.</param>
    public static OrderedDictionary<string, List<JsonElement>> Outputs(IEnumerable<FinishedNode> outputNodes)
    {
        var outputs = new OrderedDictionary<string, List<JsonElement>>(StringComparer.Ordinal);
        foreach (var node in outputNodes.OrderBy(node => node.QueuedAt ?? DateTimeOffset.MaxValue))
        {
            var formatted = node.Outputs.FirstOrDefault(output => IsFormatted(output.Key));
            if (Find(node.Status, name => node.Input.Member(name), formatted.Key is null ? null : formatted.Value) is not { } result) continue;
            if (!outputs.TryGetValue(result.Name, out var values)) outputs.Add(result.Name, values = []);
            values.Add(result.Value);
        }

        return outputs;
    }

    /// <summary>The result that an execution of an Output node stands for, or null while it waits for inputs and when it has no name.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="input">Its input by pin.</param>
    /// <param name="formatted">The first value that it emitted formatted, or null. It counts when the input has a <c>format</c>.</param>
    internal static (string Name, JsonElement Value, bool IsFormatted)? Find(ExecutionStatus status, Func<string, JsonElement?> input, JsonElement? formatted)
    {
        if (status == ExecutionStatus.Incomplete || input("name") is not { ValueKind: JsonValueKind.String } name) return null;
        var hasFormat = input("format") is { ValueKind: JsonValueKind.String } format && format.GetString() is { Length: > 0 };
        return hasFormat && formatted is { } text ? (name.GetString()!, text, true) : (name.GetString()!, input("value") ?? JsonValues.Null, false);
    }

    /// <summary>Whether an Output node emits the formatted value on a pin.</summary>
    internal static bool IsFormatted(string pin) => pin == FormattedPin;
}
