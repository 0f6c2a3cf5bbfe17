using System.Numerics;
using Grainflow.Engine.Values;
using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>Python's equality, order and membership.</summary>
internal static class PythonComparison
{
    public static bool Apply(RenderState state, string operatorText, object left, object right) => operatorText switch
    {
        "==" => AreEqual(state, left, right),
        "!=" => !AreEqual(state, left, right),
        "in" => Contains(state, right, left),
        "not in" => !Contains(state, right, left),
        "<" => Order(state, left, right, "<") is < 0,
        "<=" => Order(state, left, right, "<=") is <= 0,
        ">" => Order(state, left, right, ">") is > 0,
        _ => Order(state, left, right, ">=") is >= 0,
    };

    public static bool IsLess(RenderState state, object left, object right) => Order(state, left, right, "<") is < 0;

    public static bool AreEqual(RenderState state, object left, object right)
    {
        state.Charge(TemplateLimits.ExpressionCost);
        if (ReferenceEquals(left, right)) return true;
        if (IsNumber(left) && IsNumber(right)) return OrderNumbers(left, right) is 0;
        if (TextOf(left) is { } leftText) return TextOf(right) is { } rightText && EqualTexts(state, leftText, rightText);
        state.Enter();
        var equal = (left, right) switch
        {
            (None, None) or (Undefined, Undefined) => true,
            (ListValue a, ListValue b) => EqualItems(state, a, b),
            (TupleValue a, TupleValue b) => EqualItems(state, a.Items, b.Items),
            (ViewValue a, ViewValue b) => EqualItems(state, a.Items, b.Items),
            (DictValue a, DictValue b) => EqualDicts(state, a, b),
            _ => false,
        };
        state.Leave();
        return equal;
    }

    private static bool EqualTexts(RenderState state, string left, string right)
    {
        if (left.Length != right.Length) return false;
        state.Charge(left.Length / 16);
        return left == right;
    }

    private static bool EqualItems(RenderState state, IReadOnlyList<object> left, IReadOnlyList<object> right)
    {
        if (left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
            if (!AreEqual(state, left[i], right[i])) return false;
        return true;
    }

    private static bool EqualDicts(RenderState state, DictValue left, DictValue right)
    {
        if (left.Count != right.Count) return false;
        foreach (var (key, value) in left)
            if (!right.TryGetValue(key, out var other) || !AreEqual(state, value, other)) return false;
        return true;
    }

    private static bool Contains(RenderState state, object container, object item)
    {
        switch (container)
        {
            case string or Markup:
                var part = TextOf(item) ?? throw (item is Undefined missing
                    ? missing.Failure()
                    : TemplateErrors.Type($"'in <string>' requires string as left operand, not {TypeNames.Of(item)}"));
                var text = TextOf(container)!;
                state.Charge(text.Length);
                return text.Contains(part, StringComparison.Ordinal);
            case DictValue dict:
                return dict.ContainsKey(item);
            case ListValue or TupleValue or ViewValue or IteratorValue or Undefined:
                foreach (var element in Iteration.Over(container))
                    if (AreEqual(state, element, item)) return true;
                return false;
            default:
                throw TemplateErrors.Type($"argument of type '{TypeNames.Of(container)}' is not iterable");
        }
    }

    // Below, at or above zero; null when either is not a number in itself (NaN).
    private static int? Order(RenderState state, object left, object right, string operatorText)
    {
        state.Charge(TemplateLimits.ExpressionCost);
        if (IsNumber(left) && IsNumber(right)) return OrderNumbers(left, right);
        if (TextOf(left) is { } a && TextOf(right) is { } b)
        {
            state.Charge(Math.Min(a.Length, b.Length) / 16);
            return PythonText.Compare(a, b);
        }

        return (left, right) switch
        {
            (ListValue x, ListValue y) => OrderItems(state, x, y, operatorText),
            (TupleValue x, TupleValue y) => OrderItems(state, x.Items, y.Items, operatorText),
            (Undefined missing, _) => throw missing.Failure(),
            (_, Undefined missing) => throw missing.Failure(),
            _ => throw TemplateErrors.Type($"'{operatorText}' not supported between instances of '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'"),
        };
    }

    private static int? OrderItems(RenderState state, IReadOnlyList<object> left, IReadOnlyList<object> right, string operatorText)
    {
        state.Enter();
        for (var i = 0; i < left.Count && i < right.Count; i++)
        {
            if (AreEqual(state, left[i], right[i])) continue;
            var order = Order(state, left[i], right[i], operatorText);
            state.Leave();
            return order;
        }

        state.Leave();
        return left.Count.CompareTo(right.Count);
    }

    private static bool IsNumber(object value) => value is BigInteger or double or bool;

    private static string? TextOf(object value) => value as string ?? (value as Markup)?.Text;

    private static int? OrderNumbers(object left, object right)
    {
        if (Numbers.TryWhole(left, out var a))
        {
            if (Numbers.TryWhole(right, out var b)) return a.CompareTo(b);
            return OrderMixed(a, (double)right);
        }

        var x = (double)left;
        if (Numbers.TryWhole(right, out var whole)) return -OrderMixed(whole, x);
        var y = (double)right;
        return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
    }

    // Exact: a large whole number is not rounded to a float first.
    private static int? OrderMixed(BigInteger whole, double number)
    {
        if (double.IsNaN(number)) return null;
        if (double.IsInfinity(number)) return number > 0 ? -1 : 1;
        var floor = Math.Floor(number);
        var order = whole.CompareTo(new BigInteger(floor));
        return order != 0 ? order : floor.CompareTo(number);
    }
}
