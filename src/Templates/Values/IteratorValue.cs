namespace Grainflow.Templates.Values;

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
