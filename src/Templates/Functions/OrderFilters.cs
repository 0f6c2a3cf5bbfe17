using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Filters that compare elements.</summary>
internal static class OrderFilters
{
    public static readonly (string Name, Function Function)[] All =
    [
        ("sort", new("reverse? case_sensitive? attribute?", Sort)),
        ("unique", new("case_sensitive? attribute?", Unique)),
        ("min", new("case_sensitive? attribute?", (state, value, args) => Extreme(state, value, args, (best, key) => PythonComparison.IsLess(state, key, best)))),
        ("max", new("case_sensitive? attribute?", (state, value, args) => Extreme(state, value, args, (best, key) => PythonComparison.IsLess(state, best, key)))),
        ("groupby", new("attribute default? case_sensitive?", GroupBy)),
        ("dictsort", new("case_sensitive? by? reverse?", DictSort)),
    ];

    private static ListValue Sort(RenderState state, object value, Bound args)
    {
        var caseSensitive = args.Truth(1);
        var attribute = args[2];
        if (attribute is not (string or Markup)) return Sorting.By(state, Iteration.ToList(state, value), Attributes.Key(attribute, caseSensitive), args.Truth(0));
        var keys = Printer.Text(attribute).Split(',').Select(part => Attributes.Key(part, caseSensitive)).ToList();
        return Sorting.By(state, Iteration.ToList(state, value), item => new ListValue(keys.Select(key => key(item))), args.Truth(0));
    }

    private static IteratorValue Unique(RenderState state, object value, Bound args)
    {
        var key = Attributes.Key(args[1], args.Truth(0));
        var seen = new HashSet<object>(new KeyComparer(state));
        return new IteratorValue(Iteration.ToList(state, value).Where(item => seen.Add(key(item))));
    }

    private static object Extreme(RenderState state, object value, Bound args, Func<object, object, bool> isBetter)
    {
        var key = Attributes.Key(args[1], args.Truth(0));
        object? best = null;
        object? bestKey = null;
        foreach (var item in Iteration.ToList(state, value))
        {
            var itemKey = key(item);
            if (bestKey is not null && !isBetter(bestKey, itemKey)) continue;
            (best, bestKey) = (item, itemKey);
        }

        return best ?? new Undefined("No aggregated item, sequence was empty.");
    }

    private static ListValue GroupBy(RenderState state, object value, Bound args)
    {
        var caseSensitive = args.Truth(2);
        var key = Attributes.Key(args[0], caseSensitive, args[1]);
        var shown = Attributes.Getter(args[0], args[1]);
        var groups = new ListValue();
        ListValue? members = null;
        object? last = null;
        foreach (var item in Sorting.By(state, Iteration.ToList(state, value), key, reverse: false))
        {
            var current = key(item);
            if (members is null || !PythonComparison.AreEqual(state, last!, current))
            {
                members = [];
                groups.Add(new TupleValue([shown(item), members], ["grouper", "list"]));
            }

            members.Add(item);
            last = current;
        }

        return groups;
    }

    private static ListValue DictSort(RenderState state, object value, Bound args)
    {
        var by = args.Text(1) ?? "key";
        if (by is not ("key" or "value")) throw TemplateErrors.Value("You can only sort by either \"key\" or \"value\"");
        if (value is Undefined undefined) throw undefined.Failure();
        if (value is not DictValue dict) throw TemplateErrors.Type($"'{TypeNames.Of(value)}' object has no attribute 'items'");
        var place = by == "key" ? 0 : 1;
        var caseSensitive = args.Truth(0);
        var pairs = new ListValue(dict.Select(object (pair) => new TupleValue([pair.Key, pair.Value])));
        return Sorting.By(state, pairs, pair => ((TupleValue)pair).Items[place] is var key && caseSensitive ? key : Attributes.IgnoreCase(key), args.Truth(2));
    }
}
