using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>The tool calls of a conversation, in OpenAI's and in Anthropic's form (contract: block-tiers, Smart Decision Maker). Pure.</summary>
public static class ToolMessages
{
    /// <summary>The pin with the conversation so far.</summary>
    public const string HistoryPin = "conversation_history";

    /// <summary>The pin with the output of the tool that was called last.</summary>
    public const string OutputPin = "last_tool_output";

    /// <summary>The ids of the tool calls that a message asks for.</summary>
    /// <param name="message">A message; anything else asks for none.</param>
    public static IEnumerable<string> CallIds(JsonElement message) => Items(message, "tool_calls").Select(call => Text(call, "id")).OfType<string>().Concat(Parts(message, "tool_use", "id"));

    /// <summary>The ids of the tool calls that a message answers.</summary>
    /// <param name="message">A message; anything else answers none.</param>
    public static IEnumerable<string> AnsweredIds(JsonElement message) =>
        Text(message, "role") == "tool" && Text(message, "tool_call_id") is { } id ? [id] : Parts(message, "tool_result", "tool_use_id");

    /// <summary>The calls that have no answer yet, in the order in which they were asked for, each with how many are missing.</summary>
    /// <param name="messages">The conversation.</param>
    public static OrderedDictionary<string, int> Pending(IEnumerable<JsonElement> messages)
    {
        var pending = new OrderedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            foreach (var id in CallIds(message)) pending[id] = pending.GetValueOrDefault(id) + 1;
            foreach (var id in AnsweredIds(message)) pending[id] = pending.GetValueOrDefault(id) - 1;
        }

        foreach (var (id, left) in pending.ToList())
            if (left <= 0) pending.Remove(id);
        return pending;
    }

    /// <summary>
    /// The pin that a node in a loop with tools waits for: the output, while a call has no answer; the conversation, when an output has come whose call is not in it yet; null
    /// when it can run (contract: semantics 2.6).
    /// </summary>
    /// <param name="input">The values that have arrived, by pin.</param>
    public static string? MissingPin(IReadOnlyDictionary<string, JsonElement> input)
    {
        var history = input.TryGetValue(HistoryPin, out var given) && given.ValueKind == JsonValueKind.Array ? given.EnumerateArray() : default;
        var isPending = Pending(history).Count > 0;
        var hasOutput = input.TryGetValue(OutputPin, out var output) && !output.IsNull();
        if (isPending == hasOutput) return null;
        return isPending ? OutputPin : HistoryPin;
    }

    private static IEnumerable<string> Parts(JsonElement message, string type, string idName) =>
        Items(message, "content").Where(part => Text(part, "type") == type).Select(part => Text(part, idName)).OfType<string>();

    private static JsonElement.ArrayEnumerator Items(JsonElement value, string name) => value.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static string? Text(JsonElement value, string name) => value.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
