using System.Text.Json.Nodes;

namespace Grainflow.Load;

/// <summary>The agents of the load.</summary>
internal static class Agents
{
    private const string StoreValue = "1ff065e9-88e8-4358-9d82-8dc91f622ba9";
    private const string StepThroughItems = "f66a3543-28d3-4ab5-8945-9b336371e2ce";
    private const string SendWebRequest = "6595ae1f-b924-42cb-9a41-551a0611c4b4";

    /// <summary>Nodes one after the other.</summary>
    public static string Chain(int length)
    {
        var nodes = new JsonArray();
        var links = new JsonArray();
        for (var i = 0; i < length; i++)
        {
            nodes.Add(Node($"n{i}", StoreValue, i == 0 ? new JsonObject { ["input"] = "x" } : []));
            if (i > 0) links.Add(Link($"n{i - 1}", "output", $"n{i}", "input"));
        }

        return Agent("chain", nodes, links);
    }

    /// <summary>One node whose output goes to many others, which do not wait for each other.</summary>
    public static string Wide(int width)
    {
        var nodes = new JsonArray(Node("n", StoreValue, new JsonObject { ["input"] = "x" }));
        var links = new JsonArray();
        for (var i = 0; i < width; i++)
        {
            nodes.Add(Node($"n{i}", StoreValue, []));
            links.Add(Link("n", "output", $"n{i}", "input"));
        }

        return Agent("wide", nodes, links);
    }

    /// <summary>So many requests to an address, as fast as it answers.</summary>
    public static string Steps(string address, int count)
    {
        var items = new JsonArray([.. Enumerable.Range(0, count).Select(_ => (JsonNode)address)]);
        return Agent(
            "steps",
            [Node("each", StepThroughItems, new JsonObject { ["items"] = items }), Node("request", SendWebRequest, new JsonObject { ["method"] = "GET" })],
            [Link("each", "item", "request", "url")]);
    }

    private static JsonObject Node(string id, string block, JsonObject inputs) =>
        new() { ["id"] = id, ["block_id"] = block, ["input_default"] = inputs, ["metadata"] = new JsonObject() };

    private static JsonObject Link(string source, string output, string sink, string input) => new()
    {
        ["id"] = $"{source}-{sink}",
        ["source_id"] = source,
        ["source_name"] = output,
        ["sink_id"] = sink,
        ["sink_name"] = input,
        ["is_static"] = false,
    };

    private static string Agent(string name, JsonArray nodes, JsonArray links) =>
        new JsonObject { ["id"] = name, ["version"] = 1, ["name"] = name, ["description"] = "", ["nodes"] = nodes, ["links"] = links }.ToJsonString();
}
