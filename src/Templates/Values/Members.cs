using Grainflow.Templates.Functions;
using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>
/// How <c>a.b</c> and <c>a[b]</c> find a member: the first looks for an attribute and then an item, the second the other
/// way round. Attributes that start with an underscore are never found (Jinja's sandbox).
/// </summary>
internal static class Members
{
    public static object Attribute(object target, string name)
    {
        if (target is Undefined undefined) throw undefined.Failure();
        return FindAttribute(target, name) ?? Subscript.Find(target, name) ?? Undefined.Member(target, name);
    }

    public static object Item(object target, object key)
    {
        if (target is Undefined undefined) throw undefined.Failure();
        if (Subscript.Find(target, key) is { } item) return item;
        var name = key as string ?? (key as Markup)?.Text;
        return (name is null ? null : FindAttribute(target, name)) ?? Undefined.Member(target, key);
    }

    /// <summary>Only the attribute, as the filter <c>attr</c> takes it.</summary>
    public static object AttributeOnly(object target, string name) => FindAttribute(target, name) ?? Undefined.Member(target, name);

    private static object? FindAttribute(object target, string name)
    {
        if (name.StartsWith('_')) return null;
        switch (target)
        {
            case LoopValue loop: return loop.Attribute(name);
            case MacroValue macro: return macro.Attribute(name);
            case TupleValue tuple:
                for (var i = 0; i < tuple.Names.Count; i++)
                    if (tuple.Names[i] == name) return tuple.Items[i];
                break;
        }

        return MethodTable.Find(target, name) is { } method
            ? new Callable($"built-in method {name} of {TypeNames.Of(target)} object", (state, arguments) => method.Apply(state, name, target, arguments))
            : null;
    }
}
