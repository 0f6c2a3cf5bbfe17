using System.Globalization;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.WebConsole.Runs;

/// <summary>A node in the picture of a graph.</summary>
/// <param name="Id">The node.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Kind">The name of its block.</param>
/// <param name="X">Where it stands, from the left, in pixels.</param>
/// <param name="Y">Where it stands, from the top, in pixels.</param>
public sealed record PlannedNode(string Id, string Title, string Kind, double X, double Y);

/// <summary>A link in the picture of a graph.</summary>
/// <param name="SourceId">The node that it leaves.</param>
/// <param name="SourcePin">The output pin.</param>
/// <param name="SinkId">The node that it leads to.</param>
/// <param name="SinkPin">The input pin.</param>
public sealed record PlannedLink(string SourceId, string SourcePin, string SinkId, string SinkPin);

/// <summary>Where the nodes of a graph are drawn: at their own positions, or in columns by distance from the start where they have none.</summary>
/// <param name="Nodes">The nodes.</param>
/// <param name="Links">The links between them.</param>
public sealed record GraphPlan(IReadOnlyList<PlannedNode> Nodes, IReadOnlyList<PlannedLink> Links)
{
    /// <summary>The size of a node in the picture, in pixels.</summary>
    public const double Width = 220, Height = 92;

    private const double ColumnWidth = Width + 90, RowHeight = Height + 36;

    /// <summary>Plans the picture of a graph.</summary>
    /// <param name="graph">The graph or sub-graph, with nodes and links by the names of the contract.</param>
    /// <param name="blockNames">The names of blocks by id.</param>
    public static GraphPlan Of(JsonElement graph, IReadOnlyDictionary<string, string> blockNames)
    {
        var nodes = (graph.Member("nodes") ?? JsonValues.EmptyArray).EnumerateArray().ToList();
        var links = (graph.Member("links") ?? JsonValues.EmptyArray).EnumerateArray()
            .Select(link => new PlannedLink(Text(link, "source_id"), Text(link, "source_name"), Text(link, "sink_id"), Text(link, "sink_name"))).ToList();
        var given = nodes.Select(Position).ToList();
        // Exports without positions have all nodes at one place.
        var placed = given.Distinct().Count() > nodes.Count / 2 && given.All(position => position is not null) ? given.Select(position => position!.Value).ToList() : InColumns(nodes, links);
        return new GraphPlan([.. nodes.Select((node, i) => Node(node, blockNames, placed[i]))], links);
    }

    /// <summary>The links as SVG, all in one text: a component for each would cost more memory than all else of a large graph.</summary>
    public string Svg()
    {
        var nodes = Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        var svg = new StringBuilder("<defs><marker id=\"graph-arrow\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" /></marker></defs>");
        foreach (var link in Links)
        {
            if (!nodes.TryGetValue(link.SourceId, out var source) || !nodes.TryGetValue(link.SinkId, out var sink)) continue;
            var (x1, y1, x2, y2) = (source.X + Width, source.Y + (Height / 2), sink.X, sink.Y + (Height / 2));
            var bend = Math.Max(40, Math.Abs(x2 - x1) / 2);
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"graph-link\" d=\"M{x1:0.#} {y1:0.#} C{x1 + bend:0.#} {y1:0.#} {x2 - bend:0.#} {y2:0.#} {x2:0.#} {y2:0.#}\" marker-end=\"url(#graph-arrow)\" />");
        }

        return svg.ToString();
    }

    private static PlannedNode Node(JsonElement node, IReadOnlyDictionary<string, string> blockNames, (double X, double Y) at)
    {
        var blockId = Text(node, "block_id");
        var kind = blockNames.GetValueOrDefault(blockId, "Unknown block " + blockId);
        if (kind.EndsWith("Block", StringComparison.Ordinal) && kind.Length > 5) kind = kind[..^5];
        var title = node.Member("metadata")?.Member("customized_name") is { ValueKind: JsonValueKind.String } custom ? custom.GetString()
            : node.Member("input_default")?.Member("name") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;
        return new PlannedNode(Text(node, "id"), string.IsNullOrWhiteSpace(title) ? kind : title, kind, at.X, at.Y);
    }

    private static (double X, double Y)? Position(JsonElement node) =>
        node.Member("metadata")?.Member("position") is { ValueKind: JsonValueKind.Object } position
        && position.Member("x") is { ValueKind: JsonValueKind.Number } x && position.Member("y") is { ValueKind: JsonValueKind.Number } y
            ? (x.GetDouble(), y.GetDouble())
            : null;

    // The column of a node is its longest way from a start, with the links that close a cycle left out; within a column, the order of the document.
    private static List<(double X, double Y)> InColumns(List<JsonElement> nodes, List<PlannedLink> links)
    {
        var ids = nodes.Select(node => Text(node, "id")).ToList();
        var next = links.ToLookup(link => link.SourceId, link => link.SinkId, StringComparer.Ordinal);
        var waits = ids.ToDictionary(id => id, _ => 0, StringComparer.Ordinal);
        foreach (var link in links.Where(link => waits.ContainsKey(link.SinkId) && waits.ContainsKey(link.SourceId))) waits[link.SinkId]++;
        var column = ids.ToDictionary(id => id, _ => 0, StringComparer.Ordinal);
        var open = new HashSet<string>(ids, StringComparer.Ordinal);
        var ready = new Queue<string>(ids.Where(id => waits[id] == 0));
        while (open.Count > 0)
        {
            // Only cycles are left: the first node of the document among them begins the next part.
            if (!ready.TryDequeue(out var id)) id = ids.First(open.Contains);
            if (!open.Remove(id)) continue;
            foreach (var sink in next[id].Where(open.Contains))
            {
                column[sink] = Math.Max(column[sink], column[id] + 1);
                if (--waits[sink] == 0) ready.Enqueue(sink);
            }
        }

        var rows = new Dictionary<int, int>();
        return [.. ids.Select(id => (column[id] * ColumnWidth, (rows[column[id]] = rows.GetValueOrDefault(column[id], -1) + 1) * RowHeight))];
    }

    private static string Text(JsonElement value, string name) => value.Member(name)?.GetString() ?? "";
}
