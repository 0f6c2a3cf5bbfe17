using System.Collections.Concurrent;
using Grainflow.Gateway.Graphs;

namespace Grainflow.WebConsole.Agents;

/// <summary>What the imports of this browser have kept although it is not known here: shown at the nodes until the page is closed.</summary>
internal sealed class ImportNotes
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<GraphWarning>> _byGraph = new(StringComparer.Ordinal);

    /// <summary>Keeps the warnings of a stored graph.</summary>
    public void Keep(GraphModel graph) => _byGraph[graph.Id] = graph.Warnings;

    /// <summary>The warnings of a graph; empty for one that was not imported here.</summary>
    public IReadOnlyList<GraphWarning> Of(string graphId) => _byGraph.GetValueOrDefault(graphId, []);
}
