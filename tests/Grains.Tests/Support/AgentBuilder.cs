using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Tests.Support;

/// <summary>Builds a graph whose node ids are the names that the test gives.</summary>
internal sealed class AgentBuilder(Guid id, string name = "Agent", int version = 1)
{
    private const string InputBlock = "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b";
    private const string NumberBlock = "96dae2bb-97a2-41c2-bd2f-13a3b5a8ea98";
    private const string OutputBlock = "363ae599-353e-4804-937e-b2ee3cef3da4";

    private static readonly TestBlocks Catalogue = new();

    private readonly List<GraphNode> _nodes = [];
    private readonly List<GraphLink> _links = [];

    /// <summary>An input node that has the name of the input.</summary>
    public AgentBuilder Input(string input) => Node(input, InputBlock, $$"""{"name": "{{input}}"}""");

    /// <summary>An input node that takes only numbers.</summary>
    public AgentBuilder NumberInput(string input) => Node(input, NumberBlock, $$"""{"name": "{{input}}"}""");

    /// <summary>An output node that has the name of the output.</summary>
    public AgentBuilder Output(string output) => Node(output, OutputBlock, $$"""{"name": "{{output}}"}""");

    public AgentBuilder Node(string nodeId, string blockId, string constants = "{}")
    {
        _nodes.Add(new GraphNode
        {
            Id = nodeId,
            BlockId = blockId,
            InputDefault = JsonValues.Parse(constants),
            Metadata = JsonValues.EmptyObject,
        });
        return this;
    }

    /// <summary>A node that runs another graph.</summary>
    public AgentBuilder Agent(string nodeId, Graph child)
    {
        var index = new GraphIndex(child, Catalogue);
        return Node(nodeId, WellKnownBlocks.AgentExecutor, JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["user_id"] = GrainCluster.User,
            ["graph_id"] = child.Id,
            ["graph_version"] = child.Version,
            ["inputs"] = JsonValues.EmptyObject,
            ["input_schema"] = GraphSchemas.Input(index),
            ["output_schema"] = GraphSchemas.Output(index),
        }));
    }

    /// <summary>Links <c>node.pin</c> to <c>node.pin</c>.</summary>
    public AgentBuilder Link(string source, string sink)
    {
        var (from, to) = (source.Split('.', 2), sink.Split('.', 2));
        var block = _nodes.Find(node => node.Id == from[0])?.BlockId ?? throw new ArgumentException($"No node '{from[0]}' yet.", nameof(source));
        _links.Add(new GraphLink($"link{_links.Count}", from[0], from[1], to[0], to[1], Catalogue.Find(block)?.StaticOutput ?? false));
        return this;
    }

    public Graph Build() => new()
    {
        Id = id.ToString(),
        Version = version,
        Name = name,
        Nodes = [.. _nodes],
        Links = [.. _links],
    };
}
