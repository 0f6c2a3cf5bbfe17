using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Execution;

/// <summary>A node that a run has not executed, or an execution of a node that still waits for values.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="NodeExecutionId">The execution that waits; null for a node at which nothing has arrived.</param>
/// <param name="Reason">What it lacks, in English.</param>
public sealed record UnstartedNode(string NodeId, Guid? NodeExecutionId, string Reason);

/// <summary>A node execution that is INCOMPLETE.</summary>
/// <param name="Id">The node execution.</param>
/// <param name="NodeId">The node.</param>
/// <param name="Arrived">The pins at which values have arrived, by the names of the links.</param>
public sealed record WaitingNode(Guid Id, string NodeId, IReadOnlySet<string> Arrived);

/// <summary>Tells why nodes of a run were not executed: the branch that a condition did not take, an input that never came (contract: semantics 2.8).</summary>
public static class UnstartedNodes
{
    /// <summary>How many links a reason names.</summary>
    private const int MostNamed = 3;

    /// <summary>The nodes of a graph without an execution that has started, in the order of the document, notes left out; behind each its executions that wait.</summary>
    /// <param name="graph">The graph of the run.</param>
    /// <param name="executed">The nodes with an execution that is not INCOMPLETE.</param>
    /// <param name="waiting">The INCOMPLETE executions.</param>
    public static IReadOnlyList<UnstartedNode> Of(GraphIndex graph, IReadOnlySet<string> executed, IReadOnlyCollection<WaitingNode> waiting)
    {
        var byNode = waiting.ToLookup(execution => execution.NodeId, StringComparer.Ordinal);
        var found = new List<UnstartedNode>();
        foreach (var node in graph.Graph.Nodes)
        {
            if (graph.FindBlock(node.Id)?.Kind == BlockKind.Note) continue;
            var links = graph.Incoming(node.Id);
            if (!executed.Contains(node.Id) && !byNode.Contains(node.Id))
                found.Add(new UnstartedNode(node.Id, null, links.IsEmpty ? "Its turn has not come." : "No value has come to " + Named(graph, links)));
            foreach (var execution in byNode[node.Id])
            {
                GraphLink[] missing = [.. links.Where(link => !execution.Arrived.Contains(link.SinkName))];
                found.Add(new UnstartedNode(node.Id, execution.Id, missing.Length == 0 ? "Its turn has not come." : "It has values, but none has come to " + Named(graph, missing)));
            }
        }

        return found;
    }

    private static string Named(GraphIndex graph, IReadOnlyCollection<GraphLink> links)
    {
        var named = string.Join(", ", links.Take(MostNamed).Select(link => $"{link.SinkName} (from {link.SourceName} of {NodeTitle.Of(graph, link.SourceId)})"));
        return links.Count > MostNamed ? $"{named} and {links.Count - MostNamed} more." : named + ".";
    }
}
