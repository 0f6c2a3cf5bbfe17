using System.Numerics;
using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>Python's equality of dict keys: 1, 1.0 and True are one key; lists and dicts are none.</summary>
internal sealed class KeyComparer(RenderState state) : IEqualityComparer<object>
{
    int IEqualityComparer<object>.GetHashCode(object obj) => Hash(obj);

    bool IEqualityComparer<object>.Equals(object? x, object? y) => x is not null && y is not null && PythonComparison.AreEqual(state, x, y);

    private int Hash(object value)
    {
        state.Charge(TemplateLimits.ExpressionCost);
        return value switch
        {
            bool truth => new BigInteger(truth ? 1 : 0).GetHashCode(),
            BigInteger number => number.GetHashCode(),
            double number when double.IsInteger(number) => new BigInteger(number).GetHashCode(),
            double number => number.GetHashCode(),
            string text => StringComparer.Ordinal.GetHashCode(text),
            Markup markup => StringComparer.Ordinal.GetHashCode(markup.Text),
            TupleValue tuple => tuple.Items.Aggregate(17, (sum, item) => HashCode.Combine(sum, Hash(item))),
            ListValue or DictValue => throw TemplateErrors.Type($"unhashable type: '{TypeNames.Of(value)}'"),
            Undefined => 0,
            _ => value.GetHashCode(),
        };
    }
}
