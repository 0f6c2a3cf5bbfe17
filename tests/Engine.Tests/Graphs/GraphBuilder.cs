using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Writes small graphs: <c>Node("a", FakeBlocks.Step, """{"a": 1}""").Link("a.out", "b.a")</c>.</summary>
internal sealed class GraphBuilder
{
    private readonly List<GraphNode> _nodes = [];
    private readonly List<GraphLink> _links = [];
    private readonly List<BlockDefinition> _blocks = [];

    public IBlockCatalogue Catalogue => new FakeCatalogue(_blocks);

    public GraphBuilder Node(string id, BlockDefinition block, string defaults = "{}", string metadata = "{}")
    {
        _blocks.Add(block);
        _nodes.Add(new GraphNode { Id = id, BlockId = block.Id, InputDefault = JsonValues.Parse(defaults), Metadata = JsonValues.Parse(metadata) });
        return this;
    }

    /// <summary>A node whose block the catalogue does not have.</summary>
    public GraphBuilder Unknown(string id, string blockId = "gone")
    {
        _nodes.Add(new GraphNode { Id = id, BlockId = blockId, InputDefault = JsonValues.EmptyObject, Metadata = JsonValues.EmptyObject });
        return this;
    }

    /// <summary>Ends are written <c>node.pin</c>.</summary>
    public GraphBuilder Link(string source, string sink, bool isStatic = false)
    {
        var (sourceId, sourceName) = Split(source);
        var (sinkId, sinkName) = Split(sink);
        _links.Add(new GraphLink($"link-{_links.Count}", sourceId, sourceName, sinkId, sinkName, isStatic));
        return this;
    }

    public Graph Build(string id = "graph", int version = 1) => new() { Id = id, Version = version, Name = "Test " + id, Nodes = [.. _nodes], Links = [.. _links] };

    public GraphIndex Index() => new(Build(), Catalogue);

    private static (string Node, string Pin) Split(string end)
    {
        var at = end.IndexOf('.', StringComparison.Ordinal);
        return (end[..at], end[(at + 1)..]);
    }
}
