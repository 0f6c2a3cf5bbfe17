using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Filters that pick or change elements by another filter or a test.</summary>
internal static class SelectionFilters
{
    public static readonly (string Name, Function Function)[] All =
    [
        ("map", new("*", Map)),
        ("select", new("*", (state, value, args) => Pick(state, value, args.Raw, byAttribute: false, keep: true))),
        ("reject", new("*", (state, value, args) => Pick(state, value, args.Raw, byAttribute: false, keep: false))),
        ("selectattr", new("*", (state, value, args) => Pick(state, value, args.Raw, byAttribute: true, keep: true))),
        ("rejectattr", new("*", (state, value, args) => Pick(state, value, args.Raw, byAttribute: true, keep: false))),
    ];

    private static IteratorValue Map(RenderState state, object value, Bound args)
    {
        var raw = args.Raw;
        if (raw.Positional.Count == 0)
        {
            if (raw.FindNamed("attribute") is not { } attribute) throw TemplateErrors.Value("map requires a filter argument");
            foreach (var (key, _) in raw.Named)
                if (key is not ("attribute" or "default")) throw TemplateErrors.Value($"Unexpected keyword argument '{key}'");
            return new IteratorValue(Iteration.ToList(state, value).Select(Attributes.Getter(attribute, raw.FindNamed("default"))));
        }

        var name = Texts.Require(raw.Positional[0]);
        var filter = FilterTable.Find(name) ?? throw TemplateErrors.Value($"No filter named '{name}'.");
        var rest = raw with { Positional = raw.Positional.Skip(1).ToList() };
        return new IteratorValue(Iteration.ToList(state, value).Select(item =>
        {
            state.Charge(TemplateLimits.ExpressionCost + Iteration.Size(item));
            return filter.Apply(state, name, item, rest);
        }));
    }

    private static IteratorValue Pick(RenderState state, object value, Arguments raw, bool byAttribute, bool keep)
    {
        var getter = Attributes.Getter(null);
        var rest = raw.Positional.ToList();
        if (byAttribute)
        {
            if (rest.Count == 0) throw TemplateErrors.Value("Missing parameter for attribute name");
            getter = Attributes.Getter(rest[0]);
            rest.RemoveAt(0);
        }

        var holds = Predicate(state, rest, raw);
        return new IteratorValue(Iteration.ToList(state, value).Where(item => holds(getter(item)) == keep));
    }

    private static Func<object, bool> Predicate(RenderState state, List<object> rest, Arguments raw)
    {
        if (rest.Count == 0) return Truthiness.Of;
        var name = Texts.Require(rest[0]);
        var test = TestTable.Find(name) ?? throw TemplateErrors.Value($"No test named '{name}'.");
        var arguments = raw with { Positional = rest.Skip(1).ToList() };
        return item =>
        {
            state.Charge(TemplateLimits.ExpressionCost);
            return Truthiness.Of(test.Apply(state, name, item, arguments));
        };
    }
}
