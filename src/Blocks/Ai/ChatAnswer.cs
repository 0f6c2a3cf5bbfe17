using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

/// <summary>Reads the JSON answers of providers. Providers leave members out, so only a choice is required.</summary>
internal static class ChatAnswer
{
    /// <summary>The text and the token counts of an answer.</summary>
    /// <exception cref="ChatModelException">The body is not JSON or has no choice; with the message of the provider where it has one.</exception>
    public static ChatReply Read(BinaryData body, string provider)
    {
        if (!JsonValues.TryParse(body.ToString(), out var answer)) throw new ChatModelException($"{provider} answered with invalid JSON.");
        var choices = Member(answer, "choices");
        if (choices is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0) throw new ChatModelException(ErrorOf(answer) ?? $"{provider} answered without a choice.");
        var content = Member(Member(list[0], "message"), "content");
        var usage = Member(answer, "usage");
        return new ChatReply(content is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "", Count(usage, "prompt_tokens"), Count(usage, "completion_tokens"));
    }

    /// <summary>The error message of the provider, or null when the body has none.</summary>
    public static string? ErrorOf(BinaryData? body) => body is not null && JsonValues.TryParse(body.ToString(), out var answer) ? ErrorOf(answer) : null;

    private static string? ErrorOf(JsonElement answer)
    {
        var error = Member(answer, "error");
        var message = error is { ValueKind: JsonValueKind.String } ? error : Member(error, "message") ?? Member(answer, "message") ?? Member(answer, "detail");
        return message is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } words ? words : null;
    }

    private static JsonElement? Member(JsonElement? value, string name) =>
        value is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var member) ? member : null;

    private static long Count(JsonElement? usage, string name) =>
        Member(usage, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) && count > 0 ? count : 0;
}
