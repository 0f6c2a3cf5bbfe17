using System.Numerics;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Filters on lists as a whole.</summary>
internal static class SequenceFilters
{
    public static readonly (string Name, Function Function)[] All =
    [
        ("length", new("", (_, value, _) => (BigInteger)Iteration.Length(value))),
        ("count", new("", (_, value, _) => (BigInteger)Iteration.Length(value))),
        ("first", new("", (_, value, _) => Iteration.Over(value).FirstOrDefault() ?? new Undefined("No first item, sequence was empty."))),
        ("last", new("", Last)),
        ("list", new("", (state, value, _) => Iteration.ToList(state, value))),
        ("join", new("d? attribute?", Join)),
        ("reverse", new("", Reverse)),
        ("sum", new("attribute? start?", Sum)),
        ("batch", new("linecount fill_with?", (state, value, args) => new IteratorValue(Batch(Iteration.ToList(state, value), args.Index(0, 0), args[1])))),
        ("slice", new("slices fill_with?", (state, value, args) => new IteratorValue(Slice(Iteration.ToList(state, value), args.Index(0, 0), args[1])))),
        ("items", new("", Items)),
        ("default", new("default_value? boolean?", Default)),
        ("d", new("default_value? boolean?", Default)),
        ("attr", new("name", (_, value, args) => Members.AttributeOnly(value, Texts.Require(args.Given(0))))),
    ];

    private static object Last(RenderState state, object value, Bound args)
    {
        if (value is IteratorValue or LoopValue) throw TemplateErrors.Type($"'{TypeNames.Of(value)}' object is not reversible");
        return (value is Markup ? Subscript.Find(value, BigInteger.MinusOne) : Iteration.Over(value).LastOrDefault()) ?? new Undefined("No last item, sequence was empty.");
    }

    private static object Join(RenderState state, object value, Bound args)
    {
        var items = Iteration.ToList(state, value).Select(Attributes.Getter(args[1]));
        var separator = args.Raw.Positional.Count > 0 || args.Raw.FindNamed("d") is not null ? args.Given(0) : "";
        return Texts.Join(state, state.AutoEscape ? separator : Printer.Text(separator), items, state.AutoEscape);
    }

    private static object Reverse(RenderState state, object value, Bound args)
    {
        if (value is string or Markup) return Subscript.Slice(value, None.Value, None.Value, BigInteger.MinusOne);
        if (value is None or bool or BigInteger or double) throw TemplateErrors.Value("argument must be iterable");
        var items = Iteration.ToList(state, value);
        items.Reverse();
        return new IteratorValue(items);
    }

    private static object Sum(RenderState state, object value, Bound args)
    {
        var total = args[1] ?? BigInteger.Zero;
        if (total is string or Markup) throw TemplateErrors.Type("sum() can't sum strings [use ''.join(seq) instead]");
        foreach (var item in Iteration.ToList(state, value).Select(Attributes.Getter(args[0]))) total = Arithmetic.Binary(state, "+", total, item);
        return total;
    }

    private static IEnumerable<object> Batch(ListValue items, int size, object? fill)
    {
        RenderState.CheckElements(size);
        var row = new ListValue();
        foreach (var item in items)
        {
            if (row.Count == size)
            {
                yield return row;
                row = [];
            }

            row.Add(item);
        }

        if (row.Count == 0) yield break;
        while (fill is not null && row.Count < size) row.Add(fill);
        yield return row;
    }

    private static IEnumerable<object> Slice(ListValue items, int slices, object? fill)
    {
        if (slices == 0) throw TemplateErrors.Arithmetic("integer division or modulo by zero");
        RenderState.CheckElements(slices);
        if (slices < 0) yield break;
        var (each, extra) = Math.DivRem(items.Count, slices);
        var start = 0;
        for (var i = 0; i < slices; i++)
        {
            var count = each + (i < extra ? 1 : 0);
            var column = new ListValue(items.GetRange(start, count));
            if (fill is not null && i >= extra) column.Add(fill);
            start += count;
            yield return column;
        }
    }

    private static IteratorValue Items(RenderState state, object value, Bound args) => value switch
    {
        Undefined => new IteratorValue([]),
        DictValue dict => new IteratorValue(dict.Select(object (pair) => new TupleValue([pair.Key, pair.Value])).ToList()),
        _ => throw TemplateErrors.Type("Can only get item pairs from a mapping."),
    };

    private static object Default(RenderState state, object value, Bound args)
    {
        if (value is not Undefined && (!args.Truth(1) || Truthiness.Of(value))) return value;
        return args.Raw.Positional.Count > 0 || args.Raw.FindNamed("default_value") is not null ? args.Given(0) : "";
    }
}
