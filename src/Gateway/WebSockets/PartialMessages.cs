using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// The messages with texts that are still made, which only clients get that ask for them (ADR 0040). They have the form of an event of a node execution, with <c>is_partial</c> and without
/// <c>seq</c>, and only the members that are known then.
/// </summary>
internal static class PartialMessages
{
    /// <summary>The data of a message, UTF-8 JSON.</summary>
    /// <param name="partial">The text so far.</param>
    /// <param name="userId">The user of the run.</param>
    public static ReadOnlyMemory<byte> Data(PartialOutput partial, string userId) => JsonValues.CompactUtf8(JsonValues.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("user_id", userId);
        writer.WriteString("graph_id", partial.GraphId);
        writer.WriteNumber("graph_version", partial.GraphVersion);
        writer.WriteString("graph_exec_id", partial.RunId);
        writer.WriteString("node_exec_id", partial.NodeExecutionId);
        writer.WriteString("node_id", partial.NodeId);
        writer.WriteString("block_id", partial.BlockId);
        writer.WriteString("status", ExecutionStatus.Running.Name());
        writer.WriteStartObject("output_data");
        writer.WriteStartArray(partial.Pin);
        writer.WriteStringValue(partial.Text);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteString("event_type", "node_execution_update");
        writer.WriteBoolean("is_partial", value: true);
        if (partial.IsCut) writer.WriteBoolean("output_data_shortened", value: true);
        writer.WriteEndObject();
    }));

    /// <summary>The message on a channel. For a slow client a later text of the node execution replaces it, and it replaces no event.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="data">The data.</param>
    public static Frame Frame(string channel, Guid nodeExecutionId, ReadOnlySpan<byte> data) => new(ServerMessages.Event("node_execution_event", channel, data), (channel + "|partial", nodeExecutionId));
}
