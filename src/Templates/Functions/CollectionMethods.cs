using System.Numerics;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Methods of lists, tuples and dicts. Those that change a value change the template's own copy.</summary>
internal static class CollectionMethods
{
    public static readonly (string Name, Function Function)[] OfLists =
    [
        ("append", Changing("object", (_, list, args) => list.Add(args.Given(0)))),
        ("extend", Changing("iterable", (state, list, args) => list.AddRange(Iteration.ToList(state, args.Given(0))))),
        ("insert", Changing("index object", (_, list, args) => list.Insert(Place(args.Index(0, 0), list.Count), args.Given(1)))),
        ("remove", Changing("value", (state, list, args) => list.RemoveAt(IndexOf(state, list, args.Given(0))))),
        ("reverse", Changing("", (_, list, _) => list.Reverse())),
        ("clear", Changing("", (_, list, _) => list.Clear())),
        ("sort", Changing("reverse?", Sort)),
        ("pop", new("index?", (_, value, args) => Pop((ListValue)value, args.Index(0, -1)))),
        ("copy", new("", (_, value, _) => new ListValue((ListValue)value))),
        ("index", new("value", (state, value, args) => (BigInteger)IndexOf(state, (ListValue)value, args.Given(0)))),
        ("count", new("value", (state, value, args) => Count(state, (ListValue)value, args.Given(0)))),
    ];

    public static readonly (string Name, Function Function)[] OfTuples =
    [
        ("index", new("value", (state, value, args) => (BigInteger)IndexOf(state, ((TupleValue)value).Items, args.Given(0)))),
        ("count", new("value", (state, value, args) => Count(state, ((TupleValue)value).Items, args.Given(0)))),
    ];

    public static readonly (string Name, Function Function)[] OfDicts =
    [
        ("keys", new("", (_, value, _) => new ViewValue("dict_keys", ((DictValue)value).Keys.ToList()))),
        ("values", new("", (_, value, _) => new ViewValue("dict_values", ((DictValue)value).Values.ToList()))),
        ("items", new("", (_, value, _) => new ViewValue("dict_items", Pairs((DictValue)value)))),
        ("get", new("key default?", (_, value, args) => ((DictValue)value).GetValueOrDefault(args.Given(0), args.Given(1)))),
        ("copy", new("", (state, value, _) => new DictValue(state, (DictValue)value))),
        ("setdefault", new("key default?", (_, value, args) => SetDefault((DictValue)value, args.Given(0), args.Given(1)))),
        ("pop", new("key default?", (_, value, args) => Remove((DictValue)value, args))),
        ("popitem", new("", (_, value, _) => RemoveLast((DictValue)value))),
        ("clear", new("", (_, value, _) => Clear((DictValue)value))),
        ("update", new("*", (state, value, args) => Update(state, (DictValue)value, args.Raw))),
    ];

    private static Function Changing(string signature, Action<RenderState, ListValue, Bound> change) => new(signature, (state, value, args) =>
    {
        var list = (ListValue)value;
        RenderState.CheckElements(list.Count);
        change(state, list, args);
        return None.Value;
    });

    private static int Place(int index, int count) => Math.Clamp(index < 0 ? index + count : index, 0, count);

    private static void Sort(RenderState state, ListValue list, Bound args)
    {
        var sorted = Sorting.By(state, list, item => item, args.Truth(0));
        list.Clear();
        list.AddRange(sorted);
    }

    private static object Pop(ListValue list, int index)
    {
        var at = index < 0 ? index + list.Count : index;
        if (at < 0 || at >= list.Count) throw TemplateErrors.Lookup(list.Count == 0 ? "pop from empty list" : "pop index out of range");
        var item = list[at];
        list.RemoveAt(at);
        return item;
    }

    private static int IndexOf(RenderState state, IReadOnlyList<object> items, object value)
    {
        for (var i = 0; i < items.Count; i++)
            if (PythonComparison.AreEqual(state, items[i], value)) return i;
        throw TemplateErrors.Value($"{Printer.Repr(value)} is not in list");
    }

    private static BigInteger Count(RenderState state, IReadOnlyList<object> items, object value) =>
        items.Count(item => PythonComparison.AreEqual(state, item, value));

    private static List<object> Pairs(DictValue dict) => dict.Select(object (pair) => new TupleValue([pair.Key, pair.Value])).ToList();

    private static object SetDefault(DictValue dict, object key, object otherwise)
    {
        if (dict.TryGetValue(key, out var value)) return value;
        dict[key] = otherwise;
        return otherwise;
    }

    private static object Remove(DictValue dict, Bound args)
    {
        var key = args.Given(0);
        if (dict.Remove(key, out var value)) return value;
        return args.Raw.Positional.Count > 1 ? args.Given(1) : throw TemplateErrors.Lookup(Printer.Repr(key));
    }

    private static TupleValue RemoveLast(DictValue dict)
    {
        if (dict.Count == 0) throw TemplateErrors.Lookup("'popitem(): dictionary is empty'");
        var (key, value) = dict.GetAt(dict.Count - 1);
        dict.RemoveAt(dict.Count - 1);
        return new TupleValue([key, value]);
    }

    private static None Clear(DictValue dict)
    {
        dict.Clear();
        return None.Value;
    }

    private static None Update(RenderState state, DictValue dict, Arguments arguments)
    {
        foreach (var source in arguments.Positional)
        {
            if (source is DictValue other)
            {
                foreach (var (key, value) in other.ToList()) dict[key] = value;
                continue;
            }

            foreach (var item in Iteration.ToList(state, source))
            {
                if (Iteration.ToList(state, item) is not [var key, var value]) throw TemplateErrors.Value("dictionary update sequence element has a length other than 2");
                dict[key] = value;
            }
        }

        foreach (var (key, value) in arguments.Named) dict[key] = value;
        return None.Value;
    }
}
