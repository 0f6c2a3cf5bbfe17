using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Writes a conversation as Anthropic wants it: no system messages, and no two neighbours of one role (contract: block-tiers, tier 2).</summary>
internal static class AnthropicMessages
{
    /// <summary>The messages, each a JSON object with role and content.</summary>
    /// <param name="messages">The conversation.</param>
    public static IEnumerable<JsonElement> Of(IReadOnlyList<ChatMessage> messages)
    {
        string? role = null;
        var contents = new List<JsonElement>();
        foreach (var message in messages.Where(message => message.Role != "system"))
        {
            var next = message.Role == "assistant" ? "assistant" : "user";
            if (role is not null && next != role)
            {
                yield return Message(role, contents);
                contents.Clear();
            }

            role = next;
            contents.Add(ContentOf(message));
        }

        if (role is not null) yield return Message(role, contents);
    }

    /// <summary>The parts of the content of a message, also of one in OpenAI's form: its tool calls, and the result of one.</summary>
    private static JsonElement ContentOf(ChatMessage message)
    {
        if (message.Whole is not { } whole) return JsonValues.From(message.Content);
        if (message.AnsweredIds.ToList() is [var answered] && message.Role == "tool")
        {
            return JsonValues.Array(JsonValues.Object(
                KeyValuePair.Create("type", JsonValues.From("tool_result")),
                KeyValuePair.Create("tool_use_id", JsonValues.From(answered)),
                KeyValuePair.Create("content", JsonValues.From(message.Content))));
        }

        if (AnswerJson.List(whole, "tool_calls").ToList() is { Count: > 0 } calls)
            return JsonValues.Array([.. TextPart(message.Content), .. calls.Select(ToolUse)]);
        return AnswerJson.Get(whole, "content") is { ValueKind: JsonValueKind.Array } parts ? parts : JsonValues.From(message.Content);
    }

    private static JsonElement ToolUse(JsonElement call)
    {
        var function = AnswerJson.Get(call, "function");
        return JsonValues.Object(
            KeyValuePair.Create("type", JsonValues.From("tool_use")),
            KeyValuePair.Create("id", JsonValues.From(AnswerJson.Text(call, "id") ?? "")),
            KeyValuePair.Create("name", JsonValues.From(AnswerJson.Text(function, "name") ?? "")),
            KeyValuePair.Create("input", JsonValues.TryParse(AnswerJson.Text(function, "arguments"), out var input) && input.ValueKind == JsonValueKind.Object ? input : JsonValues.EmptyObject));
    }

    private static JsonElement Message(string role, List<JsonElement> contents) => JsonValues.Object(
        KeyValuePair.Create("role", JsonValues.From(role)),
        KeyValuePair.Create("content", contents.TrueForAll(content => content.ValueKind == JsonValueKind.String)
            ? JsonValues.From(string.Concat(contents.Select(content => content.GetString())))
            : JsonValues.Array(contents.SelectMany(content => content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : TextPart(content.GetString()!)))));

    private static IEnumerable<JsonElement> TextPart(string text) =>
        text.Length == 0 ? [] : [JsonValues.Object(KeyValuePair.Create("type", JsonValues.From("text")), KeyValuePair.Create("text", JsonValues.From(text)))];
}
