using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.WebSockets;

/// <inheritdoc cref="IEventWriter"/>
/// <remarks>Exactly the keys of the contract, and <c>seq</c> (decision 25).</remarks>
internal sealed class EventWriter(IOptions<LiveOptions> options) : IEventWriter
{
    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Write(EventProjection projection, LiveEvent liveEvent)
    {
        var limit = options.Value.MaxMessageBytes;
        var written = Write(projection, liveEvent, shorten: null);
        // Each value may have half of the limit; two such halves and the rest of the event may still be too much.
        for (var share = limit / 2; written.Length > limit / 2 && share > 0; share /= 2)
        {
            written = Write(projection, liveEvent, share);
            if (written.Length <= limit) break;
        }

        return written;
    }

    private static ReadOnlyMemory<byte> Write(EventProjection projection, LiveEvent liveEvent, int? shorten)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonValues.WriterOptions))
        {
            writer.WriteStartObject();
            if (liveEvent.Node is { } node) WriteNode(writer, projection, node, shorten);
            else WriteGraph(writer, projection, shorten);
            writer.WriteNumber("seq", liveEvent.Sequence);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteGraph(Utf8JsonWriter writer, EventProjection projection, int? shorten)
    {
        var (watched, run) = (projection.Watched, projection.Run);
        writer.WriteString("id", watched.Spec.RunId);
        writer.WriteString("user_id", watched.Spec.UserId);
        writer.WriteString("graph_id", watched.Spec.GraphId);
        writer.WriteNumber("graph_version", watched.Spec.GraphVersion);
        Value(writer, "inputs", watched.Inputs, shorten);
        if (watched.CredentialInputs is { } credentials) Value(writer, "credential_inputs", credentials, shorten: null);
        else writer.WriteNull("credential_inputs");
        writer.WriteNull("nodes_input_masks");
        writer.WriteString("preset_id", watched.PresetId);
        writer.WriteString("status", run.Status.Name());
        Time(writer, "started_at", run.StartedAt);
        Time(writer, "ended_at", run.EndedAt);
        writer.WriteBoolean("is_shared", value: false);
        writer.WriteNull("share_token");
        WriteStats(writer, run);
        Value(writer, "outputs", Lists(projection.Results()), shorten);
        writer.WriteString("event_type", "graph_execution_update");
    }

    private static void WriteNode(Utf8JsonWriter writer, EventProjection projection, NodeExecution node, int? shorten)
    {
        var spec = projection.Watched.Spec;
        writer.WriteString("user_id", spec.UserId);
        writer.WriteString("graph_id", spec.GraphId);
        writer.WriteNumber("graph_version", spec.GraphVersion);
        writer.WriteString("graph_exec_id", spec.RunId);
        writer.WriteString("node_exec_id", node.Id);
        writer.WriteString("node_id", node.NodeId);
        writer.WriteString("block_id", projection.Watched.Graph.Node(node.NodeId).BlockId);
        writer.WriteString("status", node.Status.Name());
        Value(writer, "input_data", JsonValues.Object(node.Input), shorten);
        Value(writer, "output_data", Lists(ByPin(projection.OutputsOf(node.Id))), shorten);
        Time(writer, "add_time", node.AddedAt);
        Time(writer, "queue_time", node.QueuedAt);
        Time(writer, "start_time", node.StartedAt);
        Time(writer, "end_time", node.EndedAt);
        writer.WriteString("event_type", "node_execution_update");
    }

    private static void WriteStats(Utf8JsonWriter writer, GraphRun run)
    {
        if (run.StartedAt is null && run.EndedAt is null)
        {
            writer.WriteNull("stats");
            return;
        }

        writer.WriteStartObject("stats");
        RunStatsJson.Write(writer, run.Stats);
        writer.WriteString("error", run.Error);
        writer.WriteNull("activity_status");
        writer.WriteNull("correctness_score");
        RunStatsJson.Write(writer, run.Warnings);
        writer.WriteEndObject();
    }

    private static OrderedDictionary<string, List<JsonElement>> ByPin(IEnumerable<KeyValuePair<string, JsonElement>> outputs)
    {
        var pins = new OrderedDictionary<string, List<JsonElement>>(StringComparer.Ordinal);
        foreach (var (pin, value) in outputs)
        {
            if (!pins.TryGetValue(pin, out var values)) pins.Add(pin, values = []);
            values.Add(value);
        }

        return pins;
    }

    private static JsonElement Lists(OrderedDictionary<string, List<JsonElement>> values) =>
        JsonValues.Object(values.Select(pair => KeyValuePair.Create(pair.Key, JsonValues.Array(pair.Value))));

    private static void Value(Utf8JsonWriter writer, string name, JsonElement value, int? shorten)
    {
        writer.WritePropertyName(name);
        if (shorten is { } limit) writer.WriteRawValue(Shortening.Shorten(value, limit).Span, skipInputValidation: true);
        else value.WriteTo(writer);
    }

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } at) writer.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
        else writer.WriteNull(name);
    }
}
