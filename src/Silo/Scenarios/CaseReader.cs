using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>Reads members of a scenario and says where one is of the wrong kind.</summary>
internal sealed class CaseReader
{
    private readonly JsonElement _element;
    private readonly string _path;

    public CaseReader(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new CliException($"The scenario: {path} must be an object.");
        _element = element;
        _path = path;
    }

    public string? Text(string name) => Optional(name, JsonValueKind.String, "text")?.GetString();

    public JsonElement? Object(string name) => Optional(name, JsonValueKind.Object, "an object");

    public IEnumerable<JsonElement> List(string name) => Optional(name, JsonValueKind.Array, "a list") is { } list ? list.EnumerateArray() : [];

    public IEnumerable<string> Texts(string name) =>
        List(name).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(name, "a list of texts"));

    public long? Number(string name)
    {
        if (Optional(name, JsonValueKind.Number, "a whole number") is not { } number) return null;
        return number.TryGetInt64(out var value) ? value : throw Wrong(name, "a whole number");
    }

    private JsonElement? Optional(string name, JsonValueKind kind, string wanted)
    {
        if (_element.Member(name) is not { } value || value.IsNull()) return null;
        return value.ValueKind == kind ? value : throw Wrong(name, wanted);
    }

    private CliException Wrong(string name, string wanted) => new($"The scenario: {_path}.{name} must be {wanted}.");
}
