using System.Text.Json;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Rendering;

/// <summary>Names and their values. Loops, macros and blocks that collect text have scopes of their own; the branches of an if share that of their surroundings.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    public static Scope Of(IReadOnlyDictionary<string, JsonElement> values, RenderState state)
    {
        var scope = new Scope(null);
        foreach (var (name, value) in values) scope.Set(name, JsonImport.From(value, state));
        return scope;
    }

    public void Set(string name, object value) => _values[name] = value;

    public object Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope._values.TryGetValue(name, out var value)) return value;
        return Undefined.Name(name);
    }

    private Scope? Outer => outer;
}
