using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Writes live events as JSON.</summary>
internal interface IEventWriter
{
    /// <summary>The JSON object of an event, UTF-8.</summary>
    /// <param name="projection">The projection that returned the event last.</param>
    /// <param name="projected">The event.</param>
    ReadOnlyMemory<byte> Write(RunProjection projection, ProjectedEvent projected);
}

/// <inheritdoc cref="IEventWriter"/>
/// <remarks>
/// The keys are those of the contract, with <c>seq</c> (decision 25). An event that does not show all of a map says so: <c>outputs_omitted</c> or
/// <c>output_data_omitted</c> is the number of values that were left out, and <c>inputs_shortened</c>, <c>input_data_shortened</c>, <c>outputs_shortened</c> or
/// <c>output_data_shortened</c> is true when texts, lists or objects were cut in the middle (contract: semantics 7.3). These members are absent otherwise.
/// </remarks>
internal sealed class EventWriter(IOptions<LiveOptions> options) : IEventWriter
{
    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Write(RunProjection projection, ProjectedEvent projected)
    {
        var limit = options.Value.MaxMessageBytes;
        // Each of the two maps may take half of the limit (contract). With the rest of the event that may be too much; then the shares are halved.
        var share = limit / 2;
        var written = Write(projection, projected, share);
        for (share /= 2; written.Length > limit && share > 0; share /= 2) written = Write(projection, projected, share);
        return written;
    }

    private static ReadOnlyMemory<byte> Write(RunProjection projection, ProjectedEvent projected, int share)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonValues.WriterOptions))
        {
            writer.WriteStartObject();
            if (projected.Node is { } node) WriteNode(writer, projection, projected, node, share);
            else WriteGraph(writer, projection, projected, share);
            writer.WriteNumber("seq", projected.Sequence);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteGraph(Utf8JsonWriter writer, RunProjection projection, ProjectedEvent projected, int share)
    {
        var (source, run) = (projection.Source, projection.Run);
        writer.WriteString("id", source.Spec.RunId);
        writer.WriteString("user_id", source.Spec.UserId);
        writer.WriteString("graph_id", source.Spec.GraphId);
        writer.WriteNumber("graph_version", source.Spec.GraphVersion);
        writer.WritePropertyName("inputs");
        var inputsAreShort = WriteInputs(writer, () => source.Inputs, projected.ShortInputs, share);
        writer.WritePropertyName("credential_inputs");
        if (source.CredentialInputs is { } credentials) credentials.WriteTo(writer);
        else writer.WriteNullValue();
        writer.WriteNull("nodes_input_masks");
        writer.WriteString("preset_id", source.PresetId);
        writer.WriteString("status", run.Status.Name());
        Time(writer, "started_at", run.StartedAt);
        Time(writer, "ended_at", run.EndedAt);
        writer.WriteBoolean("is_shared", value: false);
        writer.WriteNull("share_token");
        WriteOrigin(writer, source.Spec);
        WriteStats(writer, run);
        writer.WritePropertyName("outputs");
        var outputsAreShort = WriteOutputs(writer, projected.Outputs, share);
        writer.WriteString("event_type", "graph_execution_update");
        if (inputsAreShort) writer.WriteBoolean("inputs_shortened", value: true);
        if (outputsAreShort) writer.WriteBoolean("outputs_shortened", value: true);
        if (projected.Outputs.Omitted > 0) writer.WriteNumber("outputs_omitted", projected.Outputs.Omitted);
    }

    private static void WriteNode(Utf8JsonWriter writer, RunProjection projection, ProjectedEvent projected, NodeExecution node, int share)
    {
        var spec = projection.Source.Spec;
        writer.WriteString("user_id", spec.UserId);
        writer.WriteString("graph_id", spec.GraphId);
        writer.WriteNumber("graph_version", spec.GraphVersion);
        writer.WriteString("graph_exec_id", spec.RunId);
        writer.WriteString("node_exec_id", node.Id);
        writer.WriteString("node_id", node.NodeId);
        writer.WriteString("block_id", projection.Source.Graph.Node(node.NodeId).BlockId);
        writer.WriteString("status", node.Status.Name());
        writer.WritePropertyName("input_data");
        var inputsAreShort = WriteInputs(writer, () => JsonValues.Object(node.Input), projected.ShortInputs, share);
        writer.WritePropertyName("output_data");
        var outputsAreShort = WriteOutputs(writer, projected.Outputs, share);
        Time(writer, "add_time", node.AddedAt);
        Time(writer, "queue_time", node.QueuedAt);
        Time(writer, "start_time", node.StartedAt);
        Time(writer, "end_time", node.EndedAt);
        WriteOrigin(writer, spec);
        writer.WriteString("event_type", "node_execution_update");
        if (inputsAreShort) writer.WriteBoolean("input_data_shortened", value: true);
        if (outputsAreShort) writer.WriteBoolean("output_data_shortened", value: true);
        if (projected.Outputs.Omitted > 0) writer.WriteNumber("output_data_omitted", projected.Outputs.Omitted);
    }

    /// <summary>What started the run, and the members of newer versions of AutoGPT that have no meaning here (contract: decision 34, upstream 2a).</summary>
    private static void WriteOrigin(Utf8JsonWriter writer, RunSpec spec)
    {
        writer.WriteBoolean("is_dry_run", spec.IsDryRun);
        writer.WriteNull("organization_id");
        writer.WriteNull("team_id");
        writer.WriteNull("expert_id");
        writer.WriteString("trigger_source", RunTriggers.SourceOf(spec.Schedule, spec.ParentRunId, spec.Webhook));
        writer.WriteNull("trigger_ref");
        if (spec.Schedule is { } schedule) writer.WriteString("schedule_id", schedule.Id);
        else writer.WriteNull("schedule_id");
        if (spec.Webhook is { } webhook) writer.WriteString("webhook_id", webhook.Id);
        else writer.WriteNull("webhook_id");
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
        if (run.Stats.FailureReason is null) writer.WriteNull("failure_reason");
        writer.WriteString("error", run.Error);
        writer.WriteNull("activity_status");
        writer.WriteNull("correctness_score");
        RunStatsJson.Write(writer, run.Warnings);
        writer.WriteEndObject();
    }

    /// <summary>Writes an object of inputs; true when something in it was cut.</summary>
    private static bool WriteInputs(Utf8JsonWriter writer, Func<JsonElement> inputs, ReadOnlyMemory<byte>? shortened, int share)
    {
        if (shortened is { } brief && brief.Length <= share)
        {
            writer.WriteRawValue(brief.Span, skipInputValidation: true);
            return true;
        }

        var shown = inputs();
        var written = Shortening.Write(shown, share, out var wasCut);
        writer.WriteRawValue(written.Span, skipInputValidation: true);
        return wasCut;
    }

    /// <summary>Writes an object with a list for each name; true when something in it was cut.</summary>
    private static bool WriteOutputs(Utf8JsonWriter writer, ShownOutputs outputs, int share)
    {
        var names = new OrderedDictionary<string, List<ReadOnlyMemory<byte>>>(StringComparer.Ordinal);
        foreach (var (name, value) in outputs.Values)
        {
            if (!names.TryGetValue(name, out var values)) names.Add(name, values = []);
            values.Add(value);
        }

        // Names and punctuation are not counted here; the limit of the message counts them.
        if (outputs.Values.Sum(value => (long)value.Value.Length) <= share)
        {
            WriteLists(writer, names);
            return outputs.Shortened;
        }

        var whole = JsonValues.Build(values => WriteLists(values, names));
        var written = Shortening.Write(whole, share, out var wasCut);
        writer.WriteRawValue(written.Span, skipInputValidation: true);
        return wasCut || outputs.Shortened;
    }

    private static void WriteLists(Utf8JsonWriter writer, OrderedDictionary<string, List<ReadOnlyMemory<byte>>> names)
    {
        writer.WriteStartObject();
        foreach (var (name, values) in names)
        {
            writer.WriteStartArray(name);
            foreach (var value in values) writer.WriteRawValue(value.Span, skipInputValidation: true);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } at) writer.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
        else writer.WriteNull(name);
    }
}
