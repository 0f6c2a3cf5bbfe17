using System.Numerics;
using Grainflow.Templates.Functions;
using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>Python's arithmetic, also on texts and lists.</summary>
internal static class Arithmetic
{
    public static object Unary(string operatorText, object operand)
    {
        if (operand is Undefined undefined) throw undefined.Failure();
        if (Numbers.TryWhole(operand, out var whole)) return operatorText == "-" ? -whole : whole;
        if (operand is double number) return operatorText == "-" ? -number : number;
        throw TemplateErrors.Type($"bad operand type for unary {operatorText}: '{TypeNames.Of(operand)}'");
    }

    public static object Binary(RenderState state, string operatorText, object left, object right)
    {
        state.Charge(Iteration.Size(left) + Iteration.Size(right));
        if (operatorText == "%" && left is string or Markup) return PercentFormat.Apply(left, right);
        if (left is Undefined missing) throw missing.Failure();
        if (right is Undefined missingRight) throw missingRight.Failure();
        return Whole(operatorText, left, right)
            ?? Float(operatorText, left, right)
            ?? (operatorText == "+" ? Join(left, right) : null)
            ?? (operatorText == "*" ? Repeat(left, right) ?? Repeat(right, left) : null)
            ?? throw Unsupported(operatorText, left, right);
    }

    private static TemplateRuntimeException Unsupported(string operatorText, object left, object right)
    {
        if (operatorText == "+" && left is string) return TemplateErrors.Type($"can only concatenate str (not \"{TypeNames.Of(right)}\") to str");
        if (operatorText == "+" && left is ListValue) return TemplateErrors.Type($"can only concatenate list (not \"{TypeNames.Of(right)}\") to list");
        return TemplateErrors.Type($"unsupported operand type(s) for {operatorText}: '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
    }

    private static object? Whole(string operatorText, object left, object right)
    {
        if (!Numbers.TryWhole(left, out var a) || !Numbers.TryWhole(right, out var b)) return null;
        switch (operatorText)
        {
            case "+": return Numbers.CheckSize(a + b);
            case "-": return Numbers.CheckSize(a - b);
            case "*": return Numbers.CheckSize(a * b);
            case "**": return WholePower(a, b);
        }

        if (b.IsZero) throw TemplateErrors.Arithmetic(operatorText == "/" ? "division by zero" : "integer division or modulo by zero");
        if (operatorText == "/") return Numbers.ToFloat(a) / Numbers.ToFloat(b);
        var quotient = BigInteger.DivRem(a, b, out var rest);
        var below = !rest.IsZero && (rest.Sign < 0) != (b.Sign < 0);
        if (operatorText == "//") return below ? quotient - 1 : quotient;
        return below ? rest + b : rest;
    }

    private static object WholePower(BigInteger value, BigInteger exponent)
    {
        if (exponent.Sign < 0)
        {
            if (value.IsZero) throw TemplateErrors.Arithmetic("0.0 cannot be raised to a negative power");
            return Math.Pow(Numbers.ToFloat(value), Numbers.ToFloat(exponent));
        }

        if (value.IsZero || value.IsOne) return exponent.IsZero ? BigInteger.One : value;
        if (value == BigInteger.MinusOne) return exponent.IsEven ? BigInteger.One : value;
        if (exponent > TemplateLimits.MaxIntegerBits || value.GetBitLength() * (long)exponent > TemplateLimits.MaxIntegerBits)
            throw TemplateErrors.Limit($"{TemplateLimits.MaxIntegerBits} bits");
        return BigInteger.Pow(value, (int)exponent);
    }

    private static double? Float(string operatorText, object left, object right)
    {
        if (!Numbers.TryFloat(left, out var a) || !Numbers.TryFloat(right, out var b)) return null;
        switch (operatorText)
        {
            case "+": return a + b;
            case "-": return a - b;
            case "*": return a * b;
            case "**": return FloatPower(a, b);
        }

        if (b == 0) throw TemplateErrors.Arithmetic(operatorText switch { "/" => "float division by zero", "//" => "float floor division by zero", _ => "float modulo" });
        if (operatorText == "/") return a / b;
        var rest = a % b;
        if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
        if (operatorText == "%") return rest == 0 ? double.CopySign(0, b) : rest;
        var quotient = (a - rest) / b;
        return Math.Round(quotient);
    }

    private static double FloatPower(double value, double exponent)
    {
        if (value == 0 && exponent < 0) throw TemplateErrors.Arithmetic("0.0 cannot be raised to a negative power");
        if (value < 0 && double.IsFinite(value) && double.IsFinite(exponent) && !double.IsInteger(exponent))
            throw TemplateErrors.Arithmetic("a negative number cannot be raised to a fractional power");
        var power = Math.Pow(value, exponent);
        return double.IsInfinity(power) && double.IsFinite(value) && double.IsFinite(exponent) ? throw TemplateErrors.Arithmetic("(34, 'Numerical result out of range')") : power;
    }

    private static object? Join(object left, object right)
    {
        RenderState.CheckText((long)Iteration.Size(left) + Iteration.Size(right));
        switch (left, right)
        {
            case (string a, string b): return a + b;
            case (Markup or string, Markup or string): return new Markup(Markup.Escape(left).Text + Markup.Escape(right).Text);
            case (ListValue a, ListValue b):
                RenderState.CheckElements((long)a.Count + b.Count);
                return new ListValue(a.Concat(b));
            case (TupleValue a, TupleValue b):
                RenderState.CheckElements((long)a.Items.Count + b.Items.Count);
                return new TupleValue([.. a.Items, .. b.Items]);
            default: return null;
        }
    }

    private static object? Repeat(object value, object times)
    {
        if (!Numbers.TryWhole(times, out _)) return null;
        var count = Math.Max(0, Numbers.Index(times));
        switch (value)
        {
            case string text: return Repeat(text, count);
            case Markup markup: return new Markup(Repeat(markup.Text, count));
            case ListValue list: return new ListValue(Repeat(list, count));
            case TupleValue tuple: return new TupleValue(Repeat(tuple.Items, count).ToList());
            default: return null;
        }
    }

    private static string Repeat(string text, int count)
    {
        RenderState.CheckText((long)text.Length * count);
        return string.Concat(Enumerable.Repeat(text, text.Length == 0 ? 0 : count));
    }

    private static IEnumerable<object> Repeat(IReadOnlyList<object> items, int count)
    {
        RenderState.CheckElements((long)items.Count * count);
        return items.Count == 0 ? [] : Enumerable.Repeat(items, count).SelectMany(part => part);
    }
}
