using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>Parses graphs from JSON and collects their problems, each with its path.</summary>
/// <param name="newId">Creates ids for nodes without one; null to refuse such nodes, and graphs without a list of nodes.</param>
internal sealed class GraphReader(Func<string>? newId = null)
{
    /// <summary>The most problems that are listed: a document with more is probably not an agent.</summary>
    private const int MaxProblems = 20;

    public List<GraphProblem> Problems { get; } = [];

    public void Refuse(string message, string path)
    {
        if (Problems.Count < MaxProblems) Problems.Add(new GraphProblem(message, path.TrimEnd('.') is { Length: > 0 } at ? at : "document"));
    }

    /// <summary>The graph, or null when it has problems, which are then in <see cref="Problems"/>.</summary>
    public Graph? ReadGraph(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"must be a JSON object, but is {Kind(element)}", path);
            return null;
        }

        var before = Problems.Count;
        if (OptionalArray(element, "nodes", path) is not { } nodes)
        {
            if (Problems.Count == before && newId is null) Refuse("is missing: an agent is an object with 'nodes' and 'links'", path + "nodes");
            if (Problems.Count > before) return null;
            nodes = JsonValues.EmptyArray;
        }

        var nodeCount = nodes.GetArrayLength();
        if (nodeCount > GraphLimits.Nodes)
        {
            Refuse($"the graph has {nodeCount} nodes; at most {GraphLimits.Nodes} are accepted. Move a part of it into a sub-agent", path + "nodes");
            return null;
        }

        var links = OptionalArray(element, "links", path);
        if (links?.GetArrayLength() > GraphLimits.Links)
        {
            Refuse($"the graph has {links.Value.GetArrayLength()} links; at most {GraphLimits.Links} are accepted", path + "links");
            return null;
        }

        var graph = new Graph
        {
            Id = OptionalText(element, "id", path) ?? "",
            Version = OptionalInteger(element, "version", path) ?? 1,
            IsActive = OptionalBoolean(element, "is_active", path) ?? true,
            Name = OptionalText(element, "name", path) ?? "",
            Description = OptionalText(element, "description", path) ?? "",
            Instructions = OptionalText(element, "instructions", path),
            RecommendedScheduleCron = OptionalText(element, "recommended_schedule_cron", path),
            ForkedFromId = OptionalText(element, "forked_from_id", path),
            ForkedFromVersion = OptionalInteger(element, "forked_from_version", path),
            Nodes = [.. nodes.EnumerateArray().Select((node, index) => ReadNode(node, $"{path}nodes[{index}].")).OfType<GraphNode>()],
            Links = links is null ? [] : [.. links.Value.EnumerateArray().Select((link, index) => ReadLink(link, $"{path}links[{index}].")).OfType<GraphLink>()],
        };
        foreach (var twice in graph.Nodes.GroupBy(node => node.Id, StringComparer.Ordinal).Where(group => group.Count() > 1))
            Refuse($"two nodes have the id '{twice.Key}'", path + "nodes");
        return Problems.Count == before ? graph : null;
    }

    public JsonElement? OptionalArray(JsonElement parent, string name, string path)
    {
        if (!TryGet(parent, name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Array) return value;
        Refuse($"must be a list, but is {Kind(value)}", path + name);
        return null;
    }

    private GraphNode? ReadNode(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"must be a JSON object, but is {Kind(element)}", path);
            return null;
        }

        var before = Problems.Count;
        var node = new GraphNode
        {
            Id = newId is not null && OptionalText(element, "id", path) is null or "" ? newId() : RequiredText(element, "id", path),
            BlockId = RequiredText(element, "block_id", path),
            InputDefault = OptionalObject(element, "input_default", path),
            Metadata = OptionalObject(element, "metadata", path),
            WebhookId = OptionalText(element, "webhook_id", path),
        };
        foreach (var pin in node.InputDefault.EnumerateObject())
        {
            if (JsonValues.DepthProblem(pin.Value, pin.Name) is { } problem) Refuse(problem, path + "input_default");
            CheckParts(pin.Name, path + "input_default");
        }

        if (JsonValues.DepthProblem(node.Metadata, "metadata") is { } tooDeep) Refuse(tooDeep, path + "metadata");
        return Problems.Count == before ? node : null;
    }

    private GraphLink? ReadLink(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"must be a JSON object, but is {Kind(element)}", path);
            return null;
        }

        var before = Problems.Count;
        var link = new GraphLink(
            OptionalText(element, "id", path) ?? "",
            RequiredText(element, "source_id", path),
            RequiredText(element, "source_name", path),
            RequiredText(element, "sink_id", path),
            RequiredText(element, "sink_name", path),
            OptionalBoolean(element, "is_static", path) ?? false);
        CheckParts(link.SourceName, path + "source_name");
        CheckParts(link.SinkName, path + "sink_name");
        return Problems.Count == before ? link : null;
    }

    private void CheckParts(string pin, string path)
    {
        if (DynamicPins.HasTooManyParts(pin)) Refuse($"the pin '{pin[..40]}…' has more than {JsonValues.MaxDepth} parts, which no value has", path);
    }

    private string RequiredText(JsonElement parent, string name, string path)
    {
        var before = Problems.Count;
        if (OptionalText(parent, name, path) is { Length: > 0 } text) return text;
        if (Problems.Count == before) Refuse("is missing or empty", path + name);
        return "";
    }

    private string? OptionalText(JsonElement parent, string name, string path)
    {
        if (!TryGet(parent, name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Refuse($"must be text, but is {Kind(value)}", path + name);
        return null;
    }

    private int? OptionalInteger(JsonElement parent, string name, string path)
    {
        if (!TryGet(parent, name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0) return number;
        Refuse($"must be a whole number, 0 or more, but is {Kind(value)}", path + name);
        return null;
    }

    private bool? OptionalBoolean(JsonElement parent, string name, string path)
    {
        if (!TryGet(parent, name, out var value)) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Refuse($"must be true or false, but is {Kind(value)}", path + name);
        return null;
    }

    private JsonElement OptionalObject(JsonElement parent, string name, string path)
    {
        if (!TryGet(parent, name, out var value)) return JsonValues.EmptyObject;
        if (value.ValueKind == JsonValueKind.Object) return JsonValues.Clean(value);
        Refuse($"must be a JSON object, but is {Kind(value)}", path + name);
        return JsonValues.EmptyObject;
    }

    private static bool TryGet(JsonElement parent, string name, out JsonElement value) =>
        parent.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => $"the number {element.GetRawText()}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}
