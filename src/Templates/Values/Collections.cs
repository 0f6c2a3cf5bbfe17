using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>A Python list.</summary>
internal sealed class ListValue : List<object>
{
    public ListValue()
    {
    }

    public ListValue(IEnumerable<object> items)
        : base(items)
    {
    }
}

/// <summary>A Python tuple.</summary>
/// <param name="items">The items.</param>
/// <param name="names">Names of the items, for tuples whose items are attributes too; else null.</param>
internal sealed class TupleValue(IReadOnlyList<object> items, IReadOnlyList<string>? names = null)
{
    public IReadOnlyList<object> Items => items;

    public IReadOnlyList<string> Names => names ?? [];
}

/// <summary>What <c>keys</c>, <c>values</c> and <c>items</c> of a dict give.</summary>
/// <param name="name">The Python type, for printing.</param>
/// <param name="items">The elements.</param>
internal sealed class ViewValue(string name, IReadOnlyList<object> items)
{
    public string Name => name;

    public IReadOnlyList<object> Items => items;
}

/// <summary>A Python dict: keeps the order in which keys came.</summary>
internal sealed class DictValue : OrderedDictionary<object, object>
{
    public DictValue(RenderState state)
        : base(new KeyComparer(state))
    {
    }

    public DictValue(RenderState state, DictValue source)
        : base(source, new KeyComparer(state))
    {
    }
}

/// <summary>A Python generator: its elements can be read once.</summary>
internal sealed class IteratorValue(IEnumerable<object> items)
{
    private IEnumerator<object>? _rest;

    public IEnumerable<object> Read()
    {
        _rest ??= items.GetEnumerator();
        while (_rest.MoveNext()) yield return _rest.Current;
    }
}
