using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// Pins with parts: <c>values_#_name</c> (member), <c>list_$_0</c> (element), <c>event_@_title</c> (attribute)
/// (contract: semantics 1.4 and 2.8).
/// </summary>
public static class DynamicPins
{
    internal const string ToolPrefix = "tools_^_";
    private const string ToolSeparator = "_~_";
    private static readonly string[] Delimiters = ["_$_", "_#_", "_@_"];

    /// <summary>An index above this is refused: it would only make a list of nulls.</summary>
    private const int MaxIndex = 100_000;

    /// <summary>The declared pin that a dynamic name belongs to.</summary>
    /// <param name="name">A pin name as a link or <c>input_default</c> writes it.</param>
    public static string BaseName(string name)
    {
        foreach (var delimiter in Delimiters)
        {
            var at = name.IndexOf(delimiter, StringComparison.Ordinal);
            if (at >= 0) name = name[..at];
        }

        return name;
    }

    /// <summary>True for pins that carry tool calls; they are exempt from the pin check.</summary>
    /// <param name="name">A raw pin name.</param>
    public static bool IsTool(string name) =>
        string.Equals(name, "tools", StringComparison.Ordinal) || name.StartsWith(ToolPrefix, StringComparison.Ordinal);

    /// <summary>The name used when asking whether a pin is provided: base name, and <c>tools</c> for every tool pin.</summary>
    /// <param name="name">A raw pin name.</param>
    public static string Sanitize(string name) => IsTool(name) ? "tools" : BaseName(name);

    /// <summary>
    /// The part of an output that a link takes, or null when nothing of it flows over the link (a selected null flows
    /// only when output and link name the pin alike; <see cref="Graph"/> routing decides that).
    /// </summary>
    /// <param name="outputName">The pin on which the block emitted.</param>
    /// <param name="value">What it emitted.</param>
    /// <param name="link">The link.</param>
    public static JsonElement? Select(string outputName, JsonElement value, GraphLink link)
    {
        if (outputName.StartsWith(ToolPrefix, StringComparison.Ordinal))
            return IsTool(link.SourceName) && string.Equals(outputName, ToolPin(link), StringComparison.Ordinal) ? value : null;

        if (string.Equals(outputName, link.SourceName, StringComparison.Ordinal)) return value;
        if (!link.SourceName.StartsWith(outputName, StringComparison.Ordinal)) return null;
        if (Tokenize(link.SourceName[outputName.Length..]) is not { } tokens) return null;

        foreach (var (delimiter, identifier) in tokens)
        {
            if (Step(value, delimiter, identifier) is not { } next) return null;
            value = next;
        }

        return value;
    }

    /// <summary>
    /// Puts dynamic parts together into their base pins, in the order of the keys. The flattened names stay beside the
    /// base (contract: semantics 2.8, "Merge").
    /// </summary>
    /// <param name="data">Values by raw pin name.</param>
    /// <exception cref="FormatException">An index is not a whole number in range.</exception>
    public static PinValues Merge(PinValues data)
    {
        if (!data.Keys.Any(key => FirstDelimiter(key) >= 0)) return data;

        var merged = new PinValues(data.Count, StringComparer.Ordinal);
        var trees = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (key, value) in data)
        {
            var at = FirstDelimiter(key);
            merged[key] = value;
            if (at < 0)
            {
                trees.Remove(key);
                continue;
            }

            if (Tokenize(key[at..]) is not { } tokens) continue;
            var name = key[..at];
            if (!trees.TryGetValue(name, out var tree))
                tree = merged.TryGetValue(name, out var existing) ? ToNode(existing) : null;
            trees[name] = Assign(tree, tokens, 0, value);
            merged[name] = JsonValues.Null;
        }

        foreach (var (name, tree) in trees)
            merged[name] = tree is null ? JsonValues.Null : JsonSerializer.SerializeToElement(tree);
        return merged;
    }

    /// <summary>What stands for the node (or the tool) in a tool pin's name, or null.</summary>
    internal static string? ToolNode(string name) =>
        name.StartsWith(ToolPrefix, StringComparison.Ordinal)
        && name.IndexOf(ToolSeparator, ToolPrefix.Length, StringComparison.Ordinal) is >= 0 and var end
            ? name[ToolPrefix.Length..end]
            : null;

    private static string ToolPin(GraphLink link) => ToolPrefix + link.SinkId + ToolSeparator + link.SinkName;

    private static int FirstDelimiter(string name)
    {
        var first = -1;
        foreach (var delimiter in Delimiters)
        {
            var at = name.IndexOf(delimiter, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first)) first = at;
        }

        return first;
    }

    private static List<(char Delimiter, string Identifier)>? Tokenize(string path)
    {
        var tokens = new List<(char, string)>();
        while (path.Length > 0)
        {
            if (!Delimiters.Any(delimiter => path.StartsWith(delimiter, StringComparison.Ordinal))) return null;
            var kind = path[1];
            path = path[3..];
            var end = FirstDelimiter(path);
            var identifier = end < 0 ? path : path[..end];
            if (identifier.Length == 0) return null;
            tokens.Add((kind, identifier));
            path = path[identifier.Length..];
        }

        return tokens;
    }

    private static JsonElement? Step(JsonElement value, char delimiter, string identifier)
    {
        if (delimiter != '$')
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(identifier, out var member) ? member : null;

        if (value.ValueKind != JsonValueKind.Array || !TryIndex(identifier, out var index)) return null;
        var length = value.GetArrayLength();
        if (index < 0) index += length;
        return index >= 0 && index < length ? value[index] : null;
    }

    private static bool TryIndex(string text, out int index) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out index);

    private static JsonNode? Assign(JsonNode? container, List<(char Delimiter, string Identifier)> tokens, int at, JsonElement value)
    {
        if (at == tokens.Count) return ToNode(value);
        var (delimiter, identifier) = tokens[at];
        return delimiter == '$'
            ? AssignElement(container, identifier, tokens, at, value)
            : AssignMember(container, identifier, tokens, at, value);
    }

    private static JsonObject AssignMember(JsonNode? container, string name, List<(char, string)> tokens, int at, JsonElement value)
    {
        var target = container as JsonObject ?? [];
        var assigned = Assign(Detach(target, name), tokens, at + 1, value);
        target[name] = assigned;
        return target;
    }

    private static JsonArray AssignElement(JsonNode? container, string identifier, List<(char, string)> tokens, int at, JsonElement value)
    {
        if (!TryIndex(identifier, out var index) || index > MaxIndex)
            throw new FormatException($"'{identifier}' is not an index of a list; it must be a whole number up to {MaxIndex}.");

        var target = container switch
        {
            JsonArray list => list,
            JsonObject map => new JsonArray([.. map.Select(member => (JsonNode?)JsonValue.Create(member.Key))]),
            JsonValue text when text.GetValueKind() == JsonValueKind.String => new JsonArray([.. Characters(text.GetValue<string>())]),
            _ => [],
        };
        while (target.Count <= index) target.Add(null);
        if (index < 0) index += target.Count;
        if (index < 0) throw new FormatException($"'{identifier}' is before the first element of the list.");

        var current = target[index];
        target[index] = null;
        target[index] = Assign(current, tokens, at + 1, value);
        return target;
    }

    private static JsonNode? Detach(JsonObject target, string name)
    {
        if (!target.TryGetPropertyValue(name, out var current) || current is null) return null;

        // The place of the member must not change, so it is emptied instead of removed.
        target[name] = null;
        return current;
    }

    private static IEnumerable<JsonNode?> Characters(string text) => text.EnumerateRunes().Select(rune => (JsonNode?)JsonValue.Create(rune.ToString()));

    private static JsonNode? ToNode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        _ => JsonValue.Create(value),
    };
}
