using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.Support;

/// <summary>Writes graphs as the API takes them.</summary>
internal sealed class TestGraph(string name = "Graph")
{
    public const string NumberInput = "96dae2bb-97a2-41c2-bd2f-13a3b5a8ea98";
    public const string TextInput = "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158";
    public const string Output = "363ae599-353e-4804-937e-b2ee3cef3da4";
    public const string StoreValue = "1ff065e9-88e8-4358-9d82-8dc91f622ba9";
    public const string TextGenerator = "1f292d4a-41a4-4977-9684-7c8d560b9f91";
    public const string Agent = "e189baac-8c20-45a1-94a7-55177ea42565";

    private readonly JsonArray _nodes = [];
    private readonly JsonArray _links = [];
    private readonly JsonArray _subGraphs = [];
    private readonly JsonObject _more = [];

    /// <summary>Doubles nothing: what goes in at <c>n</c> comes out at <c>o</c>.</summary>
    public static TestGraph Echo(string name = "Echo") => new TestGraph(name).Node("in", NumberInput, "n").Node("out", Output, "o").Link("in", "result", "out", "value");

    /// <summary>Waits at a gate until the test opens it.</summary>
    public static TestGraph Waiting(string gate) => new TestGraph("Waiting").Node("wait", LiveBlocks.Step, new JsonObject { ["gate"] = gate, ["value"] = 1 });

    /// <summary>Asks a model of OpenAI with the key of the system.</summary>
    public static TestGraph AskingModel() => new TestGraph("Model").Node("ask", "1f292d4a-41a4-4977-9684-7c8d560b9f91", new JsonObject
    {
        ["prompt"] = "hello",
        ["model"] = "gpt-4o-mini",
        ["retry"] = 1,
        ["credentials"] = new JsonObject { ["id"] = SystemCredentials.Ids["openai"], ["provider"] = "openai", ["type"] = "api_key", ["title"] = "x" },
    });

    /// <summary>A member of the graph itself.</summary>
    public TestGraph Set(string member, JsonNode? value)
    {
        _more[member] = value;
        return this;
    }

    public TestGraph Node(string id, string block, string pinName) => Node(id, block, new JsonObject { ["name"] = pinName });

    public TestGraph Node(string id, string block, JsonObject? defaults = null, JsonObject? metadata = null)
    {
        _nodes.Add(new JsonObject { ["id"] = id, ["block_id"] = block, ["input_default"] = defaults ?? [], ["metadata"] = metadata ?? [] });
        return this;
    }

    public TestGraph Link(string source, string output, string sink, string input)
    {
        _links.Add(new JsonObject { ["source_id"] = source, ["source_name"] = output, ["sink_id"] = sink, ["sink_name"] = input });
        return this;
    }

    public TestGraph SubGraph(TestGraph graph)
    {
        _subGraphs.Add(graph.Json());
        return this;
    }

    public JsonObject Json()
    {
        var json = new JsonObject { ["name"] = name, ["description"] = "", ["nodes"] = _nodes.DeepClone(), ["links"] = _links.DeepClone() };
        if (_subGraphs.Count > 0) json["sub_graphs"] = _subGraphs.DeepClone();
        foreach (var (member, value) in _more) json[member] = value?.DeepClone();
        return json;
    }
}
