using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Reads members of the JSON of providers. They leave members out, and what they count may be wrong.</summary>
internal static class AnswerJson
{
    /// <summary>A count above this is no count: it is beyond the context window of every model.</summary>
    private const long MostTokens = 100_000_000;

    /// <summary>A price above this is no price of one call.</summary>
    private const decimal MostDollars = 10_000;

    /// <summary>A member of an object, or null.</summary>
    public static JsonElement? Get(JsonElement? value, string name) =>
        value is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var member) && !member.IsNull() ? member : null;

    /// <summary>A text, or null.</summary>
    public static string? Text(JsonElement? value, string name) => Get(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The elements of a list; none when it is not there.</summary>
    public static IEnumerable<JsonElement> List(JsonElement? value, string name) => Get(value, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A count of tokens; null when there is none, or one that cannot be.</summary>
    public static long? Tokens(JsonElement? usage, string name) =>
        Get(usage, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) && count is >= 0 and <= MostTokens ? count : null;

    /// <summary>A price in US dollars; 0 when there is none, or one that cannot be.</summary>
    public static decimal Dollars(JsonElement? usage, string name) =>
        Get(usage, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var dollars) && dollars is >= 0 and <= MostDollars ? dollars : 0;

    /// <summary>The error message of a provider, or null when the body has none.</summary>
    public static string? ErrorOf(string? body) => JsonValues.TryParse(body, out var answer) ? ErrorOf(answer) : null;

    /// <inheritdoc cref="ErrorOf(string?)"/>
    public static string? ErrorOf(JsonElement answer)
    {
        var error = Get(answer, "error");
        var message = error is { ValueKind: JsonValueKind.String } ? error : Get(error, "message") ?? Get(answer, "message") ?? Get(answer, "detail");
        return message is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } words ? words : null;
    }

    /// <summary>Parses a whole answer or a part of a stream.</summary>
    /// <exception cref="ChatModelException">It is not JSON.</exception>
    public static JsonElement Parse(string json, ChatProvider provider) =>
        JsonValues.TryParse(json, out var answer) ? answer : throw new ChatModelException($"{provider.Name} answered with invalid JSON.");
}
