using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>The tools of a script: nodes by <c>tool_nodes</c>, without those of <c>nodes_to_skip</c>, and the outputs that they give when they are run.</summary>
internal sealed class ScriptedTools(JsonElement script) : IToolRuns
{
    private static readonly BlockCatalogue Catalogue = new();

    public List<(string NodeId, JsonElement Arguments, int Call)> Runs { get; } = [];

    /// <summary>Called before a tool runs; a result of it takes the place of the scripted one.</summary>
    public Func<ToolNode, ToolResult?> Before { get; set; } = _ => null;

    public IReadOnlyList<ToolNode> Nodes { get; } =
    [
        .. from node in Items(script, "tool_nodes")
           where Items(script, "nodes_to_skip").All(skipped => skipped.GetString() != node.GetProperty("node_id").GetString())
           select ToNode(node, script.Member("graph_meta")),
    ];

    public Task<ToolResult> RunAsync(ToolNode tool, IReadOnlyDictionary<string, JsonElement> arguments, int call, CancellationToken cancellationToken)
    {
        Runs.Add((tool.NodeId, JsonValues.Object(arguments), call));
        if (Before(tool) is { } result) return Task.FromResult(result);
        var outputs = script.GetProperty("tool_outputs").GetProperty(tool.NodeId).EnumerateObject().SelectMany(pin => pin.Value.EnumerateArray(), (pin, value) => new BlockOutput(pin.Name, value));
        return Task.FromResult(new ToolResult { Outputs = [.. outputs], Cost = 2, Steps = 1 });
    }

    private static ToolNode ToNode(JsonElement node, JsonElement? agent)
    {
        var block = Catalogue.Blocks.Single(known => known.Definition.Name == node.GetProperty("block").GetString()).Definition;
        var isAgent = block.Kind == Engine.Catalogue.BlockKind.Agent;
        return new ToolNode
        {
            NodeId = node.GetProperty("node_id").GetString()!,
            Block = block,
            Title = node.Member("metadata")?.Member("customized_name")?.GetString(),
            Constants = node.Member("input_default") ?? JsonValues.EmptyObject,
            Pins = [.. node.GetProperty("links").EnumerateArray().Select(link => link.GetString()!)],
            AgentName = isAgent ? agent?.Member("name")?.GetString() : null,
            AgentDescription = isAgent ? agent?.Member("description")?.GetString() : null,
        };
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement script, string name) => (script.Member(name) ?? JsonValues.EmptyArray).EnumerateArray();
}
