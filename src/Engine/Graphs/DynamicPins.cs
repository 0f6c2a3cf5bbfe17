using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// Dynamic pins, which refer to a part of a value: <c>values_#_name</c> (member), <c>list_$_0</c> (element), <c>event_@_title</c> (attribute)
/// (contract: semantics 1.4 and 2.8).
/// </summary>
public static class DynamicPins
{
    internal const string ToolPrefix = "tools_^_";
    private const string ToolSeparator = "_~_";
    private static readonly string[] Delimiters = ["_$_", "_#_", "_@_"];

    /// <summary>A greater index is refused, because it would make a huge list of nulls.</summary>
    private const int MaxIndex = 100_000;

    /// <summary>The declared pin that a dynamic name belongs to.</summary>
    /// <param name="name">A pin name in a link or in <c>input_default</c>.</param>
    public static string BaseName(string name)
    {
        foreach (var delimiter in Delimiters)
        {
            var at = name.IndexOf(delimiter, StringComparison.Ordinal);
            if (at >= 0) name = name[..at];
        }

        return name;
    }

    /// <summary>True when a name has more parts than values may have levels. Such a name is malformed, because no value fits it.</summary>
    /// <param name="name">A pin name in a link or in <c>input_default</c>.</param>
    public static bool HasTooManyParts(string name) =>
        name.Length > JsonValues.MaxDepth && FirstDelimiter(name) is >= 0 and var at && Delimiters.Sum(delimiter => name.AsSpan(at).Count(delimiter)) > JsonValues.MaxDepth;

    /// <summary>True for pins of tool calls, which are not checked against the pins of the block.</summary>
    /// <param name="name">A raw pin name.</param>
    public static bool IsTool(string name) =>
        string.Equals(name, "tools", StringComparison.Ordinal) || name.StartsWith(ToolPrefix, StringComparison.Ordinal);

    /// <summary>The name under which the validation looks for values of a pin: the base name, or <c>tools</c> for every tool pin.</summary>
    /// <param name="name">A raw pin name.</param>
    public static string Sanitize(string name) => IsTool(name) ? "tools" : BaseName(name);

    /// <summary>
    /// The part of an output that a link carries, or null when it carries nothing. A selected JSON null is carried only when the link and the output
    /// have the same pin name, which the caller checks.
    /// </summary>
    /// <param name="outputName">The pin on which the block emitted.</param>
    /// <param name="value">The emitted value.</param>
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
    /// Merges values of dynamic pins into values of their base pins, in the order of the keys. The dynamic names stay in the result, beside
    /// the base names (contract: semantics 2.8, "Merge").
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
            merged[name] = tree is null ? JsonValues.Null : JsonValues.Build(writer => tree.WriteTo(writer));
        return merged;
    }

    /// <summary>The part of a tool pin's name that identifies the node or the tool, or null.</summary>
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
            if (tokens.Count == JsonValues.MaxDepth) return null;
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

    // Like Python's int(): white space around the number and digits of any script. An index beyond 32 bits is outside of every list.
    private static bool TryIndex(string text, out int index)
    {
        var isWhole = PythonNumber.TryParseWhole(text, 10, out var whole);
        index = (int)BigInteger.Max(int.MinValue / 2, BigInteger.Min(int.MaxValue, whole));
        return isWhole;
    }

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

        // Set to null instead of removed, so that the member keeps its position in the object.
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
