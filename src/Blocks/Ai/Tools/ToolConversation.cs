using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Tools;

/// <summary>The messages of a conversation with tools (contract: block-tiers, Smart Decision Maker). Pure.</summary>
internal static class ToolConversation
{
    // Ids of Anthropic's calls; the results have the form of Anthropic then.
    private const string AnthropicIds = "toolu_";

    /// <summary>The calls that have no result yet, each with how many are missing, in the order in which the model asked.</summary>
    /// <param name="messages">The conversation.</param>
    public static OrderedDictionary<string, int> Pending(IReadOnlyList<ChatMessage> messages) => ToolMessages.Pending(messages.Select(message => message.ToJson()));

    /// <summary>Puts a prompt at the end, marked as the task, unless a message of its role is marked so already.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="role">The role.</param>
    /// <param name="prompt">The prompt; an empty one is left out.</param>
    public static void AddObjective(List<ChatMessage> messages, string role, string prompt)
    {
        if (prompt.Length == 0 || messages.Exists(message => message.Role == role && message.Content.StartsWith(PromptCompression.Objective, StringComparison.Ordinal))) return;
        messages.Add(new ChatMessage(role, PromptCompression.Objective + prompt));
    }

    /// <summary>The answer of a model as a message.</summary>
    /// <param name="reply">The answer.</param>
    public static ChatMessage Of(ChatReply reply)
    {
        if (reply.Message is { } message) return ChatMessage.Of(message);
        if (reply.ToolCalls.IsEmpty) return new ChatMessage("assistant", reply.Text);
        return ChatMessage.Of(JsonValues.Object(
            KeyValuePair.Create("role", JsonValues.From("assistant")),
            KeyValuePair.Create("content", reply.Text.Length == 0 ? JsonValues.Null : JsonValues.From(reply.Text)),
            KeyValuePair.Create("tool_calls", JsonValues.Array(reply.ToolCalls.Select(call => JsonValues.Object(
                KeyValuePair.Create("id", JsonValues.From(call.Id)),
                KeyValuePair.Create("type", JsonValues.From("function")),
                KeyValuePair.Create("function", JsonValues.Object(
                    KeyValuePair.Create("name", JsonValues.From(call.Name)),
                    KeyValuePair.Create("arguments", JsonValues.From(call.Arguments))))))))));
    }

    /// <summary>The results of calls as messages: one each in OpenAI's form; in Anthropic's form one with all of them.</summary>
    /// <param name="results">Ids of calls with the texts of their results.</param>
    public static IEnumerable<ChatMessage> Results(IReadOnlyList<(string Id, string Text)> results)
    {
        foreach (var (id, text) in results.Where(result => !IsAnthropic(result.Id)))
        {
            yield return ChatMessage.Of(JsonValues.Object(
                KeyValuePair.Create("role", JsonValues.From("tool")), KeyValuePair.Create("tool_call_id", JsonValues.From(id)), KeyValuePair.Create("content", JsonValues.From(text))));
        }

        var parts = results.Where(result => IsAnthropic(result.Id)).Select(result => JsonValues.Object(
            KeyValuePair.Create("tool_use_id", JsonValues.From(result.Id)), KeyValuePair.Create("type", JsonValues.From("tool_result")), KeyValuePair.Create("content", JsonValues.From(result.Text)))).ToList();
        if (parts.Count > 0) yield return ChatMessage.Of(JsonValues.Object(KeyValuePair.Create("role", JsonValues.From("user")), KeyValuePair.Create("content", JsonValues.Array(parts))));
    }

    /// <summary>An output of a tool node as the text of a result.</summary>
    /// <param name="output">The value.</param>
    public static string TextOf(JsonElement output) => output.ValueKind == JsonValueKind.String ? output.GetString()! : JsonValues.Compact(output);

    /// <summary>The outputs of a tool that ran as the text of a result: by pin the list of its values.</summary>
    /// <param name="outputs">The outputs in order.</param>
    public static string TextOf(ImmutableArray<BlockOutput> outputs) => JsonValues.Compact(JsonValues.Object(
        outputs.GroupBy(output => output.Pin, StringComparer.Ordinal).Select(pin => KeyValuePair.Create(pin.Key, JsonValues.Array(pin.Select(output => output.Value))))));

    private static bool IsAnthropic(string id) => id.StartsWith(AnthropicIds, StringComparison.Ordinal);
}
