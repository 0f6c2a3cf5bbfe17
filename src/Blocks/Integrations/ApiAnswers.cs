using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Text;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations;

/// <summary>Reads members of answers, which may lack them or have others than the vendor describes.</summary>
internal static class ApiAnswers
{
    // Code points of a vendor's text that are shown.
    private const int MostShown = 500;

    // Where vendors put the text of an error, the most telling first.
    private static readonly string[] TextMembers = ["message", "detail", "status_message", "error_description", "error", "reason", "title", "msg", "description"];

    /// <summary>The text of that member, or null when there is none or it is no text.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="name">The member's name.</param>
    public static string? Text(this JsonElement value, string name) => value.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The elements of that member; none when it is missing or no list.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="name">The member's name.</param>
    public static IEnumerable<JsonElement> Items(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The whole number of that member, or null when there is none or it is no number that fits.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="name">The member's name.</param>
    public static long? Whole(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var whole) ? whole : null;

    /// <summary>What an error says, on one line; "no reason given" when it says nothing.</summary>
    /// <param name="error">The JSON of the answer; undefined when it is none.</param>
    /// <param name="text">The answer as text.</param>
    public static string ReasonOf(JsonElement error, string text)
    {
        var said = Find(error, 0) ?? (error.ValueKind == JsonValueKind.Undefined ? text : JsonValues.Compact(error));
        var line = string.Join(' ', said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length == 0) return "no reason given";
        return CodePointText.Cut(line, MostShown) is var start && start.Length < line.Length ? start + "…" : line;
    }

    /// <summary>How long an answer asks to wait, or null when it does not say.</summary>
    /// <param name="header">The header Retry-After: seconds, or a date.</param>
    /// <param name="error">The JSON of the answer, which may have <c>retry_after</c> in seconds.</param>
    /// <param name="now">The time.</param>
    public static TimeSpan? PauseOf(string? header, JsonElement error, DateTimeOffset now)
    {
        if (error.Member("retry_after") is { ValueKind: JsonValueKind.Number } given && given.TryGetDouble(out var asked)) return Seconds(asked);
        if (double.TryParse(header, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)) return Seconds(seconds);
        if (!DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)) return null;
        return until > now ? until - now : TimeSpan.Zero;
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.FromDays(1).TotalSeconds));

    private static string? Find(JsonElement value, int depth)
    {
        if (depth > 3) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        if (value.ValueKind == JsonValueKind.Array) return value.EnumerateArray().Select(item => Find(item, depth + 1)).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));
        foreach (var name in (string[])[.. TextMembers, "errors"])
            if (value.Member(name) is { } member && Find(member, depth + 1) is { } text && !string.IsNullOrWhiteSpace(text)) return text;
        return null;
    }
}
