using Grainflow.Templates.Functions;
using Grainflow.Templates.Syntax;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Rendering;

/// <summary>A macro with the scope it was defined in.</summary>
internal sealed class MacroValue(Macro macro, Scope scope, StatementRunner runner)
{
    public string Name => macro.Name ?? "None";

    public object? Attribute(string name) => name switch
    {
        "name" => macro.Name is { } own ? own : None.Value,
        "arguments" => new TupleValue(macro.Parameters.Select(object (p) => p.Name).ToList()),
        "catch_varargs" => macro.TakesMore,
        "catch_kwargs" => macro.TakesMoreNamed,
        "caller" => macro.TakesCaller,
        _ => null,
    };

    public object Call(RenderState state, Arguments arguments)
    {
        var inner = new Scope(scope);
        var named = arguments.Named.ToList();
        Bind(inner, arguments.Positional, named);
        if (macro.TakesCaller) inner.Set("caller", TakeNamed(named, "caller") ?? new Undefined("No caller defined"));
        if (macro.TakesMore) inner.Set("varargs", new TupleValue(arguments.Positional.Skip(macro.Parameters.Count).ToList()));
        else if (arguments.Positional.Count > macro.Parameters.Count)
            throw TemplateErrors.Type($"macro '{Name}' takes not more than {macro.Parameters.Count} argument(s)");
        if (macro.TakesMoreNamed) inner.Set("kwargs", Dict(state, named));
        else if (named.Count > 0) throw TemplateErrors.Type($"macro '{Name}' takes no keyword argument '{named[0].Key}'");
        return runner.Capture(macro.Body, inner);
    }

    private void Bind(Scope inner, IReadOnlyList<object> positional, List<KeyValuePair<string, object>> named)
    {
        for (var i = 0; i < macro.Parameters.Count; i++)
        {
            var (name, otherwise) = macro.Parameters[i];
            var given = i < positional.Count ? positional[i] : TakeNamed(named, name);
            inner.Set(name, given ?? (otherwise is null
                ? new Undefined($"parameter '{name}' was not provided")
                : runner.Evaluate(otherwise, inner)));
        }
    }

    private static object? TakeNamed(List<KeyValuePair<string, object>> named, string name)
    {
        var at = named.FindIndex(pair => pair.Key == name);
        if (at < 0) return null;
        var value = named[at].Value;
        named.RemoveAt(at);
        return value;
    }

    private static DictValue Dict(RenderState state, List<KeyValuePair<string, object>> named)
    {
        var dict = new DictValue(state);
        foreach (var (name, value) in named) dict[name] = value;
        return dict;
    }
}
