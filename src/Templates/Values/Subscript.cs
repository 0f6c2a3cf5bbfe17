namespace Grainflow.Templates.Values;

/// <summary>Python's subscripts and slices.</summary>
internal static class Subscript
{
    /// <summary>The item, or null where Python raises a lookup or type error.</summary>
    public static object? Find(object target, object key)
    {
        switch (target)
        {
            case DictValue when key is ListValue or DictValue: return null;
            case DictValue dict: return dict.TryGetValue(key, out var value) ? value : null;
            case ListValue list: return Place(key, list.Count) is { } at ? list[at] : null;
            case TupleValue tuple: return Place(key, tuple.Items.Count) is { } place ? tuple.Items[place] : null;
            case string text: return Place(key, CodePoints.Count(text)) is { } letter ? CodePoints.Range(text, letter, letter + 1) : null;
            case Markup markup: return Find(markup.Text, key) is string found ? new Markup(found) : null;
            default: return null;
        }
    }

    /// <summary>The part of a text, a list or a tuple.</summary>
    public static object Slice(object target, object start, object stop, object step)
    {
        if (target is Undefined undefined) throw undefined.Failure();
        if (target is not (ListValue or TupleValue or string or Markup)) throw TemplateErrors.Type($"'{TypeNames.Of(target)}' object is not subscriptable");
        var places = Places(Iteration.Length(target), Bound(start), Bound(stop), Bound(step));
        return target switch
        {
            ListValue list => new ListValue(places.Select(i => list[i])),
            TupleValue tuple => new TupleValue(places.Select(i => tuple.Items[i]).ToList()),
            Markup markup => new Markup(CodePoints.Pick(markup.Text, places)),
            _ => CodePoints.Pick((string)target, places),
        };
    }

    private static int? Place(object key, int count)
    {
        if (!Numbers.TryWhole(key, out _)) return null;
        var at = Numbers.Index(key);
        if (at < 0) at += count;
        return at >= 0 && at < count ? at : null;
    }

    private static int? Bound(object value) =>
        value is None ? null : Numbers.Index(value, "slice indices must be integers or None or have an __index__ method");

    private static List<int> Places(int count, int? start, int? stop, int? step)
    {
        var by = step ?? 1;
        if (by == 0) throw TemplateErrors.Value("slice step cannot be zero");
        var places = new List<int>();
        if (by > 0)
        {
            var end = Clamp(stop ?? count, 0, count, count);
            for (long i = Clamp(start ?? 0, 0, count, count); i < end; i += by) places.Add((int)i);
        }
        else
        {
            var end = stop is { } given ? Clamp(given, -1, count - 1, count) : -1;
            for (long i = start is { } from ? Clamp(from, -1, count - 1, count) : count - 1; i > end; i += by) places.Add((int)i);
        }

        return places;
    }

    private static int Clamp(int value, int least, int most, int count)
    {
        if (value < 0) value += count;
        return Math.Max(least, Math.Min(most, value));
    }
}
