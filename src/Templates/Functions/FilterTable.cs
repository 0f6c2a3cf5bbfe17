using System.Collections.Frozen;

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
