using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

/// <summary>One message of a chat.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c>, or <c>tool</c> for the result of a tool call.</param>
/// <param name="Content">The text; empty for a message without one.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>The whole message, a JSON object, when it has more than a role and a text: tool calls, the result of one, or content in parts. Null for the others.</summary>
    public JsonElement? Whole { get; init; }

    /// <summary>The ids of the tool calls that it asks for, in OpenAI's or in Anthropic's form.</summary>
    internal IEnumerable<string> CallIds => Whole is { } whole ? ToolMessages.CallIds(whole) : [];

    /// <summary>The ids of the tool calls that it answers, in either form.</summary>
    internal IEnumerable<string> AnsweredIds => Whole is { } whole ? ToolMessages.AnsweredIds(whole) : [];

    /// <summary>Reads a message of a conversation, as blocks emit it.</summary>
    /// <param name="message">Any JSON value. What is not an object with a role is taken as the text of the user.</param>
    public static ChatMessage Of(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object) return new ChatMessage("user", PythonText.Str(message));
        var role = message.Member("role") is { ValueKind: JsonValueKind.String } given ? given.GetString()! : "user";
        var content = message.Member("content");
        var text = content is { ValueKind: JsonValueKind.String } ? content.Value.GetString()! : "";
        var isPlain = content is { ValueKind: JsonValueKind.String } && message.EnumerateObject().All(member => member.Name is "role" or "content");
        return new ChatMessage(role, text) { Whole = isPlain ? null : message };
    }

    /// <summary>The message as a JSON object.</summary>
    public JsonElement ToJson() => Whole ?? JsonValues.Object(KeyValuePair.Create("role", JsonValues.From(Role)), KeyValuePair.Create("content", JsonValues.From(Content)));

    /// <summary>The message with another text; what is around the text stays.</summary>
    /// <param name="content">The text.</param>
    internal ChatMessage WithContent(string content) => this with
    {
        Content = content,
        Whole = Whole is not { } whole
            ? null
            : JsonValues.Object(whole.EnumerateObject().Select(member => member.Name == "content" ? KeyValuePair.Create("content", JsonValues.From(content)) : KeyValuePair.Create(member.Name, member.Value))),
    };
}
