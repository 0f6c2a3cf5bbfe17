using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>Builds a graph whose node ids are the names that the test gives.</summary>
internal sealed class LiveGraph(Guid id)
{
    private const string InputBlock = "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b";
    private const string OutputBlock = "363ae599-353e-4804-937e-b2ee3cef3da4";

    private readonly List<GraphNode> _nodes = [];
    private readonly List<GraphLink> _links = [];

    public LiveGraph Input(string name) => Node(name, InputBlock, $$"""{"name": "{{name}}"}""");

    public LiveGraph Output(string name) => Node(name, OutputBlock, $$"""{"name": "{{name}}"}""");

    public LiveGraph Step(string nodeId, string constants = "{}") => Node(nodeId, LiveBlocks.Step, constants);

    public LiveGraph Stream(string nodeId, string constants) => Node(nodeId, LiveBlocks.Stream, constants);

    /// <summary>Links <c>node.pin</c> to <c>node.pin</c>.</summary>
    public LiveGraph Link(string source, string sink)
    {
        var (from, to) = (source.Split('.', 2), sink.Split('.', 2));
        _links.Add(new GraphLink($"link{_links.Count}", from[0], from[1], to[0], to[1], IsStatic: false));
        return this;
    }

    public Graph Build() => new() { Id = id.ToString(), Name = "Agent", Nodes = [.. _nodes], Links = [.. _links] };

    private LiveGraph Node(string nodeId, string blockId, string constants)
    {
        _nodes.Add(new GraphNode { Id = nodeId, BlockId = blockId, InputDefault = JsonValues.Parse(constants), Metadata = JsonValues.EmptyObject });
        return this;
    }
}
