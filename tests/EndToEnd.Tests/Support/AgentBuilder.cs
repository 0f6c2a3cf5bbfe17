using System.Text.Json.Nodes;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>Writes small agents.</summary>
internal sealed class AgentBuilder(string name)
{
    public const string TextInput = "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158";
    public const string NumberInput = "96dae2bb-97a2-41c2-bd2f-13a3b5a8ea98";
    public const string Output = "363ae599-353e-4804-937e-b2ee3cef3da4";
    public const string WebRequest = "6595ae1f-b924-42cb-9a41-551a0611c4b4";
    public const string TextGenerator = "1f292d4a-41a4-4977-9684-7c8d560b9f91";
    public const string Template = "db7d8f02-2f44-4c55-ab7a-eae0941f0c30";
    public const string StoreValue = "1ff065e9-88e8-4358-9d82-8dc91f622ba9";

    private readonly JsonArray _nodes = [];
    private readonly JsonArray _links = [];

    public AgentBuilder Node(string id, string block, JsonObject? defaults = null, string? title = null)
    {
        _nodes.Add(new JsonObject { ["id"] = id, ["block_id"] = block, ["input_default"] = defaults ?? [], ["metadata"] = title is null ? [] : new JsonObject { ["customized_name"] = title } });
        return this;
    }

    public AgentBuilder Link(string source, string output, string sink, string input)
    {
        _links.Add(new JsonObject { ["id"] = $"{source}-{sink}-{input}", ["source_id"] = source, ["source_name"] = output, ["sink_id"] = sink, ["sink_name"] = input, ["is_static"] = false });
        return this;
    }

    public string Json() => new JsonObject { ["id"] = "agent", ["version"] = 1, ["name"] = name, ["description"] = "", ["nodes"] = _nodes, ["links"] = _links }.ToJsonString();
}
