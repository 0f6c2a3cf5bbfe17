using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// Reads and writes the JSON form of a graph (contract: agents/INDEX.md, "Shape of the export"). It reads every
/// version of the format and ignores members that the platform computes itself (schemas, flags, link lists of nodes).
/// </summary>
public static class GraphDocument
{
    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonValues.MaxDocumentDepth,
    };

    /// <summary>Reads an exported agent.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <param name="newId">Creates ids for nodes without one, which the API allows; null to refuse such nodes.</param>
    /// <exception cref="GraphValidationException">The text is not JSON or does not have the shape of an agent. The problems name the places.</exception>
    public static GraphBundle ReadBundle(ReadOnlySpan<byte> utf8, Func<string>? newId = null)
    {
        if (utf8.Length > GraphLimits.DocumentBytes)
            throw Refused($"The document has {utf8.Length} bytes; at most {GraphLimits.DocumentBytes} are accepted.", null);

        JsonElement root;
        try
        {
            root = JsonValues.Clean(JsonValues.ParseUtf8(StripByteOrderMark(utf8)));
        }
        catch (JsonException exception)
        {
            var place = exception.LineNumber is null ? "" : $" at line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}";
            throw Refused($"The text is not valid JSON{place}: {Reason(exception)}", null);
        }

        return ReadBundle(root, newId);
    }

    /// <summary>Reads an exported agent that is already parsed.</summary>
    /// <param name="root">A JSON object.</param>
    /// <param name="newId">Creates ids for nodes without one, which the API allows; null to refuse such nodes.</param>
    /// <exception cref="GraphValidationException">It does not have the shape of an agent. The problems name the places.</exception>
    public static GraphBundle ReadBundle(JsonElement root, Func<string>? newId = null)
    {
        var reader = new GraphReader(newId);
        var graph = reader.ReadGraph(root, "");
        var subGraphs = ImmutableArray.CreateBuilder<Graph>();
        if (graph is not null && reader.OptionalArray(root, "sub_graphs", "") is { } list)
        {
            if (list.GetArrayLength() > GraphLimits.SubGraphs)
                reader.Refuse($"has {list.GetArrayLength()} graphs; at most {GraphLimits.SubGraphs} are accepted", "sub_graphs");
            else
                foreach (var (item, index) in list.EnumerateArray().Select((item, index) => (item, index)))
                    if (reader.ReadGraph(item, $"sub_graphs[{index}].") is { } subGraph) subGraphs.Add(subGraph);
        }

        if (graph is not null)
        {
            foreach (var twice in subGraphs.Prepend(graph).Where(one => one.Id.Length > 0).GroupBy(one => (one.Id, one.Version)).Where(group => group.Count() > 1))
                reader.Refuse($"two graphs have the id '{twice.Key.Id}' and version {twice.Key.Version}", "sub_graphs");
        }

        if (reader.Problems.Count > 0 || graph is null) throw new GraphValidationException(reader.Problems);
        return new GraphBundle(graph, subGraphs.ToImmutable());
    }

    /// <summary>Writes the stored JSON of one graph version.</summary>
    /// <param name="graph">The graph.</param>
    public static byte[] Write(Graph graph)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Writing)) Write(writer, graph);
        return stream.ToArray();
    }

    /// <summary>Reads the result of <see cref="Write(Graph)"/>.</summary>
    /// <param name="utf8">The stored JSON.</param>
    public static Graph Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new GraphReader();
        return reader.ReadGraph(JsonValues.ParseUtf8(utf8), "") ?? throw new GraphValidationException(reader.Problems);
    }

    private static void Write(Utf8JsonWriter writer, Graph graph)
    {
        writer.WriteStartObject();
        writer.WriteString("id", graph.Id);
        writer.WriteNumber("version", graph.Version);
        writer.WriteBoolean("is_active", graph.IsActive);
        writer.WriteString("name", graph.Name);
        writer.WriteString("description", graph.Description);
        writer.WriteString("instructions", graph.Instructions);
        writer.WriteString("recommended_schedule_cron", graph.RecommendedScheduleCron);
        writer.WriteString("forked_from_id", graph.ForkedFromId);
        if (graph.ForkedFromVersion is { } version) writer.WriteNumber("forked_from_version", version);
        else writer.WriteNull("forked_from_version");

        writer.WriteStartArray("nodes");
        foreach (var node in graph.Nodes)
        {
            writer.WriteStartObject();
            writer.WriteString("id", node.Id);
            writer.WriteString("block_id", node.BlockId);
            writer.WritePropertyName("input_default");
            node.InputDefault.WriteTo(writer);
            writer.WritePropertyName("metadata");
            node.Metadata.WriteTo(writer);
            writer.WriteString("webhook_id", node.WebhookId);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("links");
        foreach (var link in graph.Links)
        {
            writer.WriteStartObject();
            writer.WriteString("id", link.Id);
            writer.WriteString("source_id", link.SourceId);
            writer.WriteString("source_name", link.SourceName);
            writer.WriteString("sink_id", link.SinkId);
            writer.WriteString("sink_name", link.SinkName);
            writer.WriteBoolean("is_static", link.IsStatic);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static ReadOnlySpan<byte> StripByteOrderMark(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    private static string Reason(JsonException exception)
    {
        // The caller adds the position in its own words.
        var at = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return at < 0 ? exception.Message : exception.Message[..at];
    }

    private static GraphValidationException Refused(string message, string? path) => new([new GraphProblem(message, path)]);
}
