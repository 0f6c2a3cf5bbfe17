using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

/// <summary>Compares values with what the contract's vectors expect of them (block-tiers, "Reading the vectors").</summary>
internal static class VectorMatcher
{
    /// <summary>Null when the value fits, else where it does not.</summary>
    public static string? Difference(JsonElement expected, JsonElement actual, string path = "$")
    {
        if (expected.ValueKind == JsonValueKind.Object && expected.GetPropertyCount() == 1 && expected.EnumerateObject().First() is var matcher && matcher.Name.StartsWith('$'))
            return Matches(matcher.Name, matcher.Value, actual, path);
        return expected.ValueKind switch
        {
            JsonValueKind.Object => ObjectDifference(expected, actual, path, exact: true),
            JsonValueKind.Array => ArrayDifference(expected, actual, path),
            _ => expected.ValueKind == actual.ValueKind && ValueEquality.AreEqual(expected, actual) ? null : Fail(expected, actual, path),
        };
    }

    private static string? Matches(string matcher, JsonElement argument, JsonElement actual, string path)
    {
        var text = actual.ValueKind == JsonValueKind.String ? actual.GetString()! : JsonValues.Compact(actual);
        if (matcher == "$like") return Like(argument, actual, path);
        var fits = matcher switch
        {
            "$any" => true,
            "$type" => Is(argument.GetString()!, actual),
            "$regex" => Regex.IsMatch(text, argument.GetString()!, RegexOptions.Singleline, TimeSpan.FromSeconds(5)),
            "$prefix" => text.StartsWith(argument.GetString()!, StringComparison.Ordinal),
            "$contains" => argument.EnumerateArray().All(part => text.Contains(part.GetString()!, StringComparison.Ordinal)),
            "$special" => actual.IsNull(),
            _ => throw new NotSupportedException($"Matcher {matcher}"),
        };
        return fits ? null : $"{path}: {JsonValues.Compact(actual)} does not fit {matcher} {JsonValues.Compact(argument)}";
    }

    private static bool Is(string type, JsonElement actual) => SchemaCheck.Find(actual, PinTypes.Parse(type)) is null;

    private static string? Like(JsonElement expected, JsonElement actual, string path) => expected.ValueKind == JsonValueKind.Object
        ? ObjectDifference(expected, actual, path, exact: false)
        : Difference(expected, actual, path);

    private static string? ObjectDifference(JsonElement expected, JsonElement actual, string path, bool exact)
    {
        if (actual.ValueKind != JsonValueKind.Object || (exact && actual.GetPropertyCount() != expected.GetPropertyCount())) return Fail(expected, actual, path);
        foreach (var member in expected.EnumerateObject())
        {
            if (!actual.TryGetProperty(member.Name, out var value)) return Fail(expected, actual, path);
            if (Difference(member.Value, value, $"{path}.{member.Name}") is { } difference) return difference;
        }

        return null;
    }

    private static string? ArrayDifference(JsonElement expected, JsonElement actual, string path)
    {
        if (actual.ValueKind != JsonValueKind.Array || actual.GetArrayLength() != expected.GetArrayLength()) return Fail(expected, actual, path);
        for (var i = 0; i < expected.GetArrayLength(); i++)
            if (Difference(expected[i], actual[i], $"{path}[{i}]") is { } difference) return difference;
        return null;
    }

    private static string Fail(JsonElement expected, JsonElement actual, string path) => $"{path}: expected {JsonValues.Compact(expected)}, found {JsonValues.Compact(actual)}";
}
