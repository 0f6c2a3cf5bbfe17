using System.Buffers;
using System.Text.Json;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Writes the messages of the server: each is a JSON object with all five keys, except the answer to a heartbeat (contract: websocket, envelope).</summary>
internal static class ServerMessages
{
    /// <summary>The answer to a heartbeat.</summary>
    public static readonly ReadOnlyMemory<byte> Pong = """{"method":"heartbeat","data":"pong","success":true}"""u8.ToArray();

    /// <summary>The name of a method in messages.</summary>
    public static string Name(ClientMethod method) => method switch
    {
        ClientMethod.SubscribeRun => "subscribe_graph_execution",
        ClientMethod.SubscribeGraph => "subscribe_graph_executions",
        ClientMethod.Unsubscribe => "unsubscribe",
        ClientMethod.Heartbeat => "heartbeat",
        ClientMethod.Error => "error",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "Unknown method."),
    };

    /// <summary>The answer to a request to subscribe or unsubscribe.</summary>
    public static ReadOnlyMemory<byte> Done(ClientMethod method, string? channel) => Build(Name(method), default, success: true, channel, error: null);

    /// <summary>An error message.</summary>
    public static ReadOnlyMemory<byte> Error(string error) => Build("error", default, success: false, channel: null, error);

    /// <summary>An event on a channel.</summary>
    /// <param name="method"><c>graph_execution_event</c> or <c>node_execution_event</c>.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="data">The event, a JSON object.</param>
    public static ReadOnlyMemory<byte> Event(string method, string? channel, ReadOnlySpan<byte> data) => Build(method, data, success: null, channel, error: null);

    /// <summary>The message with a live event of a run on a channel. Its subject is the node execution that it shows, or the run.</summary>
    public static Frame Frame(string channel, Guid runId, ProjectedEvent projected, ReadOnlySpan<byte> data) =>
        new(Event(projected.Node is null ? "graph_execution_event" : "node_execution_event", channel, data), (channel, projected.Node?.Id ?? runId));

    /// <summary>The key of the channel of one execution.</summary>
    public static string RunChannel(string userId, string runId) => $"{userId}|graph_exec#{runId}";

    /// <summary>The key of the channel of all executions of a graph.</summary>
    public static string GraphChannel(string userId, string graphId) => $"{userId}|graph#{graphId}|executions";

    private static ReadOnlyMemory<byte> Build(string method, ReadOnlySpan<byte> data, bool? success, string? channel, string? error)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 256);
        using (var writer = new Utf8JsonWriter(buffer, JsonValues.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("method", method);
            writer.WritePropertyName("data");
            if (data.IsEmpty) writer.WriteNullValue();
            else writer.WriteRawValue(data, skipInputValidation: true);
            if (success is { } value) writer.WriteBoolean("success", value);
            else writer.WriteNull("success");
            writer.WriteString("channel", channel);
            writer.WriteString("error", error);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
