using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Execution;

/// <summary>A node that a run has not executed, or whose executions still wait for values.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="NodeExecutionId">The first execution that waits; null for a node at which nothing has arrived.</param>
/// <param name="Reason">What it lacks, in English.</param>
public sealed record UnstartedNode(string NodeId, Guid? NodeExecutionId, string Reason);

/// <summary>The INCOMPLETE executions of a node.</summary>
/// <param name="FirstId">The first of them.</param>
/// <param name="NodeId">The node.</param>
/// <param name="FirstInput">The values that have arrived at the first one, a JSON object by the names of the links. A pin without a value there has none on the others.</param>
/// <param name="Count">How many wait, 1 or more.</param>
public sealed record WaitingNode(Guid FirstId, string NodeId, JsonElement FirstInput, long Count);

/// <summary>Tells why nodes of a run were not executed: the branch that a condition did not take, an input that never came (contract: semantics 2.8).</summary>
public static class UnstartedNodes
{
    /// <summary>How many links a reason names.</summary>
    private const int MostNamed = 3;

    /// <summary>The nodes of a graph that have not started or wait, in the order of the document; notes are left out.</summary>
    /// <param name="graph">The graph of the run.</param>
    /// <param name="spec">The run.</param>
    /// <param name="executed">The nodes with an execution that is not INCOMPLETE.</param>
    /// <param name="waiting">The INCOMPLETE executions, each node once.</param>
    public static IReadOnlyList<UnstartedNode> Of(GraphIndex graph, RunSpec spec, IReadOnlySet<string> executed, IEnumerable<WaitingNode> waiting)
    {
        var byNode = waiting.ToDictionary(node => node.NodeId, StringComparer.Ordinal);
        var found = new List<UnstartedNode>();
        foreach (var node in graph.Graph.Nodes)
        {
            if (byNode.TryGetValue(node.Id, out var waits)) found.Add(new UnstartedNode(node.Id, waits.FirstId, Reason(graph, spec, node, waits)));
            else if (!executed.Contains(node.Id) && graph.FindBlock(node.Id)?.Kind != BlockKind.Note) found.Add(new UnstartedNode(node.Id, null, Reason(graph, graph.Incoming(node.Id))));
        }

        return found;
    }

    /// <summary>What an execution lacks that waits: the links on whose pins nothing has arrived, or, when there are none, why it cannot start.</summary>
    internal static (IReadOnlyList<GraphLink> Links, string? Error) Missing(GraphIndex graph, RunSpec spec, GraphNode node, PinValues input)
    {
        var arrived = new PinValues(input, StringComparer.Ordinal);
        if (spec.Mask(node.Id) is { } mask)
            foreach (var (pin, value) in mask) arrived[pin] = value;
        GraphLink[] missing = [.. graph.Incoming(node.Id).Where(link => !arrived.ContainsKey(link.SinkName))];
        string? error = null;
        if (missing.Length == 0) NodeInput.TryPrepare(graph, node, arrived, resolve: true, out _, out error);
        return (missing, error);
    }

    private static string Reason(GraphIndex graph, IReadOnlyCollection<GraphLink> links) => links.Count == 0 ? "Its turn has not come." : $"No value has come to {Named(graph, links)}";

    private static string Reason(GraphIndex graph, RunSpec spec, GraphNode node, WaitingNode waits)
    {
        var (missing, error) = Missing(graph, spec, node, NodeInput.Members(waits.FirstInput));
        var subject = waits.Count == 1 ? "An execution has values" : $"{waits.Count} executions have values";
        if (missing.Count > 0) return $"{subject}, but none has come to {Named(graph, missing)}";
        return error is null ? "Its turn has not come." : $"{subject} and cannot start: {error}";
    }

    private static string Named(GraphIndex graph, IReadOnlyCollection<GraphLink> links)
    {
        var named = string.Join(", ", links.Take(MostNamed).Select(link => $"{link.SinkName} (from {link.SourceName} of {NodeTitle.Of(graph, link.SourceId)})"));
        return links.Count > MostNamed ? $"{named} and {links.Count - MostNamed} more." : named + ".";
    }
}
