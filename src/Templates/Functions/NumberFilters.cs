using System.Numerics;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;
using Grainflow.Engine.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Filters on numbers.</summary>
internal static class NumberFilters
{
    private static readonly string[] _decimalUnits = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    private static readonly string[] _binaryUnits = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

    public static readonly (string Name, Function Function)[] All =
    [
        ("abs", new("", (_, value, _) => Abs(value))),
        ("round", new("precision? method?", Round)),
        ("int", new("default? base?", Whole)),
        ("float", new("default?", Float)),
        ("format", new("format?", Format)),
        ("filesizeformat", new("binary?", (_, value, args) => FileSize(Numbers.Float(value), args.Truth(0)))),
    ];

    private static object Abs(object value)
    {
        if (Numbers.TryWhole(value, out var whole)) return BigInteger.Abs(whole);
        return value is double number ? Math.Abs(number) : throw TemplateErrors.Type($"bad operand type for abs(): '{TypeNames.Of(value)}'");
    }

    private static object Round(RenderState state, object value, Bound args)
    {
        var precision = args.Index(0, 0);
        var method = args.Text(1) ?? "common";
        if (method is not ("common" or "ceil" or "floor")) throw TemplateErrors.Value("method must be common, ceil or floor");
        if (value is Undefined undefined) throw undefined.Failure();
        var isWhole = Numbers.TryWhole(value, out var whole);
        if (!isWhole && value is not double) throw TemplateErrors.Type($"type {TypeNames.Of(value)} doesn't define __round__ method");
        if (method == "common") return isWhole ? RoundWhole(whole, precision) : ExactDecimal.Round((double)value, precision);
        var scale = Math.Pow(10, precision);
        var scaled = (isWhole ? Numbers.ToFloat(whole) : (double)value) * scale;
        if (!double.IsFinite(scaled)) throw TemplateErrors.Arithmetic("cannot convert float infinity to integer");
        return (method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / scale;
    }

    private static BigInteger RoundWhole(BigInteger value, int precision)
    {
        if (precision >= 0) return value;
        if (-precision > PythonNumber.MaxDigits) return BigInteger.Zero;
        var unit = BigInteger.Pow(10, -precision);
        var down = BigInteger.DivRem(BigInteger.Abs(value), unit, out var rest);
        var half = (rest * 2).CompareTo(unit);
        if (half > 0 || (half == 0 && !down.IsEven)) down += 1;
        return down * unit * value.Sign;
    }

    private static object Whole(RenderState state, object value, Bound args)
    {
        object otherwise = args[0] ?? BigInteger.Zero;
        if (value is Undefined undefined) throw undefined.Failure();
        if (Numbers.TryWhole(value, out var whole)) return whole;
        if (value is double number)
        {
            if (double.IsInfinity(number)) throw TemplateErrors.Arithmetic("cannot convert float infinity to integer");
            return double.IsNaN(number) ? otherwise : new BigInteger(number);
        }

        if (value is not (string or Markup)) return otherwise;
        var text = Printer.Text(value);
        if (PythonNumber.TryParseWhole(text, args.Index(1, 10), out var parsed)) return parsed;
        return PythonNumber.TryParseFloat(text, out var fraction) && double.IsFinite(fraction) ? new BigInteger(fraction) : otherwise;
    }

    private static object Float(RenderState state, object value, Bound args)
    {
        if (value is Undefined undefined) throw undefined.Failure();
        if (Numbers.TryFloat(value, out var number)) return number;
        if (value is string or Markup && PythonNumber.TryParseFloat(Printer.Text(value), out var parsed)) return parsed;
        return args.Raw.Positional.Count > 0 || args.Raw.Named.Count > 0 ? args.Given(0) : 0.0;
    }

    // Not Jinja's own: value|format("%.2f") is printf of the number (contract: block-tiers, Fill Text Template).
    private static object Format(RenderState state, object value, Bound args)
    {
        if (args[0] is not { } format || !Truthiness.Of(format)) return value;
        var number = Numbers.Float(value);
        return PercentFormat.Apply(format is Markup ? format : Texts.Require(format), number);
    }

    private static string FileSize(double size, bool binary)
    {
        var units = binary ? _binaryUnits : _decimalUnits;
        double step = binary ? 1024 : 1000;
        if (size == 1) return "1 Byte";
        if (!double.IsFinite(size)) throw TemplateErrors.Arithmetic("cannot convert float infinity to integer");
        if (size < step) return $"{new BigInteger(size)} Bytes";
        var unit = step * step;
        var i = 0;
        for (; i < units.Length - 1 && size >= unit; i++) unit *= step;
        return $"{ExactDecimal.Fixed(step * size / unit, 1)} {units[i]}";
    }
}
