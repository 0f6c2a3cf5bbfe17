using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>Reads the members of an object of a scenario. What is wrong is refused with its place, such as <c>[0].llm_rules[1].reply</c>.</summary>
internal sealed class CaseReader
{
    private readonly JsonElement _element;
    private readonly string _path;

    /// <summary>Begins to read an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="path">Its place in the scenario.</param>
    /// <param name="members">The members that it may have. Any other is refused: a misspelt expectation would hold.</param>
    /// <exception cref="CliException">It is no object, or has a member that is not known.</exception>
    public CaseReader(JsonElement element, string path, params IReadOnlyList<string> members)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new CliException($"The scenario: {path} must be an object.");
        foreach (var member in element.EnumerateObject().Where(member => !members.Contains(member.Name, StringComparer.Ordinal)))
            throw new CliException($"The scenario: {path} has a member '{member.Name}', which is not known.{Nearest.Hint(member.Name, members)} It may have: {string.Join(", ", members)}.");
        _element = element;
        _path = path;
    }

    /// <summary>A member of any type; null when it is not there or JSON null.</summary>
    public JsonElement? Value(string name) => _element.Member(name) is { } value && !value.IsNull() ? value : null;

    /// <summary>A text, or null.</summary>
    public string? Text(string name) => Optional(name, JsonValueKind.String, "text")?.GetString();

    /// <summary>An object, or null.</summary>
    public JsonElement? Object(string name) => Optional(name, JsonValueKind.Object, "an object");

    /// <summary>An object whose members are all lists, or null.</summary>
    public JsonElement? Lists(string name)
    {
        if (Object(name) is not { } lists) return null;
        RequireMembers(lists, name, JsonValueKind.Array, "a list");
        return lists;
    }

    /// <summary>An object of objects whose members are all lists, or null.</summary>
    public JsonElement? ListsByKey(string name)
    {
        if (Object(name) is not { } objects) return null;
        RequireMembers(objects, name, JsonValueKind.Object, "an object");
        foreach (var item in objects.EnumerateObject()) RequireMembers(item.Value, $"{name}.{item.Name}", JsonValueKind.Array, "a list");
        return objects;
    }

    /// <summary>The elements of a list; none when it is not there.</summary>
    public IEnumerable<JsonElement> List(string name) => Optional(name, JsonValueKind.Array, "a list") is { } list ? list.EnumerateArray() : [];

    /// <summary>The elements of a list of texts; none when it is not there.</summary>
    public IEnumerable<string> Texts(string name) =>
        List(name).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(name, "a list of texts"));

    /// <summary>A whole number of a range, or null.</summary>
    public int? Number(string name, int least, int most)
    {
        if (Optional(name, JsonValueKind.Number, "a whole number") is not { } number) return null;
        return number.TryGetInt32(out var value) && value >= least && value <= most
            ? value
            : throw Wrong(name, most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}");
    }

    /// <summary>The refusal of a member that is not of the right form.</summary>
    public CliException Wrong(string name, string wanted) => new($"The scenario: {_path}.{name} must be {wanted}.");

    private JsonElement? Optional(string name, JsonValueKind kind, string wanted)
    {
        if (Value(name) is not { } value) return null;
        return value.ValueKind == kind ? value : throw Wrong(name, wanted);
    }

    private void RequireMembers(JsonElement value, string name, JsonValueKind kind, string wanted)
    {
        foreach (var member in value.EnumerateObject().Where(member => member.Value.ValueKind != kind)) throw Wrong($"{name}.{member.Name}", wanted);
    }
}
