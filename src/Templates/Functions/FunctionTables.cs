using System.Collections.Frozen;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>The filters by name.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Function> _filters =
        TextFilters.All
            .Concat(LayoutFilters.All)
            .Concat(NumberFilters.All)
            .Concat(SequenceFilters.All)
            .Concat(SelectionFilters.All)
            .Concat(OrderFilters.All)
            .ToFrozenDictionary(filter => filter.Name, filter => filter.Function, StringComparer.Ordinal);

    /// <summary>The filter, or null when there is none of that name.</summary>
    public static Function? Find(string name) => _filters.GetValueOrDefault(name);
}

/// <summary>The methods of values that templates may call.</summary>
internal static class MethodTable
{
    private static readonly FrozenDictionary<string, Function> _text = Freeze(TextMethods.All.Concat(TextSearchMethods.All));
    private static readonly FrozenDictionary<string, Function> _markup = Freeze(TextMethods.All.Concat(TextSearchMethods.All).Concat(TextMethods.OfMarkup));
    private static readonly FrozenDictionary<string, Function> _list = Freeze(CollectionMethods.OfLists);
    private static readonly FrozenDictionary<string, Function> _tuple = Freeze(CollectionMethods.OfTuples);
    private static readonly FrozenDictionary<string, Function> _dict = Freeze(CollectionMethods.OfDicts);
    private static readonly FrozenDictionary<string, Function> _float = Freeze([("is_integer", new("", (_, value, _) => double.IsInteger((double)value)))]);

    /// <summary>The method, or null when values of that type have none of that name.</summary>
    public static Function? Find(object target, string name) => (target switch
    {
        string => _text,
        Markup => _markup,
        ListValue => _list,
        TupleValue => _tuple,
        DictValue => _dict,
        double => _float,
        _ => null,
    })?.GetValueOrDefault(name);

    private static FrozenDictionary<string, Function> Freeze(IEnumerable<(string Name, Function Function)> methods) =>
        methods.ToFrozenDictionary(method => method.Name, method => method.Function, StringComparer.Ordinal);
}
