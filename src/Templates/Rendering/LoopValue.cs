using System.Numerics;
using Grainflow.Templates.Functions;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Rendering;

/// <summary>The variable <c>loop</c>.</summary>
/// <param name="items">All elements of the loop.</param>
/// <param name="depth0">How many recursive loops enclose it.</param>
/// <param name="recurse">Renders the body on other elements one level deeper; null when the loop is not recursive.</param>
internal sealed class LoopValue(IReadOnlyList<object> items, int depth0, Func<object, int, object>? recurse)
{
    private IReadOnlyList<object>? _lastChanged;

    /// <summary>The position of the element that is rendered, from 0.</summary>
    public int Position { get; set; }

    public int Length => items.Count;

    public object Recurse(object value) =>
        recurse is null ? throw TemplateErrors.Type("The loop must have the 'recursive' marker to be called recursively.") : recurse(value, depth0 + 1);

    /// <summary>The elements that are still to come.</summary>
    public IEnumerable<object> Rest() => items.Skip(Position + 1);

    public object? Attribute(string name) => name switch
    {
        "index" => (BigInteger)(Position + 1),
        "index0" => (BigInteger)Position,
        "revindex" => (BigInteger)(Length - Position),
        "revindex0" => (BigInteger)(Length - Position - 1),
        "first" => Position == 0,
        "last" => Position == Length - 1,
        "length" => (BigInteger)Length,
        "depth" => (BigInteger)(depth0 + 1),
        "depth0" => (BigInteger)depth0,
        "previtem" => Position > 0 ? items[Position - 1] : new Undefined("there is no previous item"),
        "nextitem" => Position < Length - 1 ? items[Position + 1] : new Undefined("there is no next item"),
        "cycle" => new Callable("bound method LoopContext.cycle", (_, arguments) => Cycle(arguments)),
        "changed" => new Callable("bound method LoopContext.changed", Changed),
        _ => null,
    };

    private object Cycle(Arguments arguments) =>
        arguments.Positional.Count == 0 ? throw TemplateErrors.Type("no items for cycling given") : arguments.Positional[Position % arguments.Positional.Count];

    private object Changed(RenderState state, Arguments arguments)
    {
        var last = _lastChanged;
        _lastChanged = arguments.Positional;
        return last is null || !PythonComparison.AreEqual(state, new TupleValue(last), new TupleValue(arguments.Positional));
    }
}
