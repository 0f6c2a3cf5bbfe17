using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.WebSockets;

/// <summary>A message of a client, checked (contract: websocket, envelope and error cases).</summary>
/// <param name="Method">Its method.</param>
/// <param name="RunId">The execution it names, as the client wrote it; null for other methods.</param>
/// <param name="GraphId">The graph it names, as the client wrote it; null for other methods.</param>
/// <param name="FromSequence">The number of the last live event that the client has (decision 25), or null for new events only.</param>
/// <param name="WantsPartial">Whether the client wants texts of the execution while they are made (ADR 0040).</param>
internal sealed record ClientMessage(ClientMethod Method, string? RunId, string? GraphId, long? FromSequence, bool WantsPartial = false)
{
    /// <summary>Characters of an id at most. It becomes part of the key of a channel, which is held and repeated with each event.</summary>
    private const int LongestId = 200;

    private const string Missing = "Subscription data missing";

    private const string Malformed = "Invalid message: ";

    /// <summary>Reads a message.</summary>
    /// <param name="utf8">The frame.</param>
    /// <param name="error">What is wrong with it, for the client; empty when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static ClientMessage? Read(ReadOnlyMemory<byte> utf8, out string error)
    {
        try
        {
            return Read(JsonElement.Parse(utf8.Span, JsonValues.DocumentOptions), out error);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half of a surrogate pair.
            return Refused($"{Malformed}it is not JSON", out error);
        }
    }

    private static ClientMessage? Read(JsonElement message, out string error)
    {
        if (message.ValueKind != JsonValueKind.Object) return Refused($"{Malformed}it is not an object", out error);
        if (!message.TryGetProperty("method", out var name) || name.ValueKind != JsonValueKind.String) return Refused($"{Malformed}'method' is missing or not a string", out error);
        if (WrongField(message) is { } field) return Refused($"{Malformed}'{field}' has the wrong type", out error);

        error = "";
        var data = message.TryGetProperty("data", out var given) ? given : default;
        switch (name.GetString())
        {
            case "heartbeat":
                return new ClientMessage(ClientMethod.Heartbeat, null, null, null);
            case "error":
                return new ClientMessage(ClientMethod.Error, null, null, null);
            case "subscribe_graph_execution":
                return ReadRun(data, out error);
            case "subscribe_graph_executions":
                return Text(data, "graph_id", out error) is { } graphId ? new ClientMessage(ClientMethod.SubscribeGraph, null, graphId, null) : null;
            case "unsubscribe" when data.ValueKind == JsonValueKind.Object && data.TryGetProperty("graph_id", out _) && !data.TryGetProperty("graph_exec_id", out _):
                return Text(data, "graph_id", out error) is { } graph ? new ClientMessage(ClientMethod.Unsubscribe, null, graph, null) : null;
            case "unsubscribe":
                return Text(data, "graph_exec_id", out error) is { } runId ? new ClientMessage(ClientMethod.Unsubscribe, runId, null, null) : null;
            case "graph_execution_event" or "node_execution_event" or "notification":
                return Refused("Message type is not processed by the server", out error);
            default:
                return Refused($"{Malformed}unknown method", out error);
        }
    }

    private static ClientMessage? ReadRun(JsonElement data, out string error)
    {
        if (Text(data, "graph_exec_id", out error) is not { } runId) return null;
        var partial = false;
        if (data.TryGetProperty("partial", out var wanted) && wanted.ValueKind != JsonValueKind.Null)
        {
            if (wanted.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return Refused("Invalid data: 'partial' must be true or false", out error);
            partial = wanted.GetBoolean();
        }

        if (!data.TryGetProperty("from_seq", out var from) || from.ValueKind == JsonValueKind.Null) return new ClientMessage(ClientMethod.SubscribeRun, runId, null, null, partial);
        return from.ValueKind == JsonValueKind.Number && from.TryGetInt64(out var sequence) && sequence >= 0
            ? new ClientMessage(ClientMethod.SubscribeRun, runId, null, sequence, partial)
            : Refused("Invalid data: 'from_seq' must be an integer, 0 or more", out error);
    }

    private static string? Text(JsonElement data, string name, out string error)
    {
        error = "";
        if (IsMissing(data)) error = Missing;
        else if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String) error = $"Invalid data: '{name}' must be a string";
        else if (value.GetString() is { Length: <= LongestId } text) return text;
        else error = $"Invalid data: '{name}' may have {LongestId} characters at most";
        return null;
    }

    private static bool IsMissing(JsonElement data) => data.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Object => data.GetPropertyCount() == 0,
        JsonValueKind.Array => data.GetArrayLength() == 0,
        JsonValueKind.String => data.ValueEquals(""),
        _ => false,
    };

    /// <summary>The first field of the envelope with a wrong type, or null.</summary>
    private static string? WrongField(JsonElement message)
    {
        if (message.TryGetProperty("data", out var data) && data.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False) return "data";
        if (message.TryGetProperty("success", out var success) && success.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null)) return "success";
        foreach (var name in (ReadOnlySpan<string>)["channel", "error"])
            if (message.TryGetProperty(name, out var text) && text.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)) return name;
        return null;
    }

    private static ClientMessage? Refused(string why, out string error)
    {
        error = why;
        return null;
    }
}
