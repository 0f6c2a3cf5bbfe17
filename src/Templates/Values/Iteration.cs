using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>Python's iteration and length.</summary>
internal static class Iteration
{
    /// <summary>The elements: characters of a text, keys of a dict, nothing of something undefined.</summary>
    public static IEnumerable<object> Over(object value) => value switch
    {
        ListValue list => Live(list),
        TupleValue tuple => tuple.Items,
        DictValue dict => dict.Keys.ToList(),
        ViewValue view => view.Items,
        string text => CodePoints.Each(text),
        // Not markup any more, as in Python, where only subscripts of markup are.
        Markup markup => CodePoints.Each(markup.Text),
        IteratorValue iterator => iterator.Read(),
        LoopValue loop => loop.Rest(),
        Undefined => [],
        _ => throw TemplateErrors.Type($"'{TypeNames.Of(value)}' object is not iterable"),
    };

    public static ListValue ToList(RenderState state, object value)
    {
        var list = new ListValue();
        foreach (var item in Over(value))
        {
            RenderState.CheckElements(list.Count);
            list.Add(item);
        }

        state.Charge(list.Count);
        return list;
    }

    public static int Length(object value) => value switch
    {
        string text => CodePoints.Count(text),
        Markup markup => CodePoints.Count(markup.Text),
        ListValue list => list.Count,
        TupleValue tuple => tuple.Items.Count,
        DictValue dict => dict.Count,
        ViewValue view => view.Items.Count,
        LoopValue loop => loop.Length,
        Undefined => 0,
        _ => throw TemplateErrors.Type($"object of type '{TypeNames.Of(value)}' has no len()"),
    };

    /// <summary>How much an operation on the value reads, for the limit of work.</summary>
    public static int Size(object value) => value switch
    {
        string text => text.Length,
        Markup markup => markup.Text.Length,
        ListValue list => list.Count,
        TupleValue tuple => tuple.Items.Count,
        DictValue dict => dict.Count,
        ViewValue view => view.Items.Count,
        _ => 1,
    };

    // A loop over a list sees what its body appends, as in Python.
    private static IEnumerable<object> Live(ListValue list)
    {
        for (var i = 0; i < list.Count; i++) yield return list[i];
    }
}
