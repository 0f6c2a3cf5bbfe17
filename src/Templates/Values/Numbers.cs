using System.Numerics;
using Grainflow.Engine.Values;

namespace Grainflow.Templates.Values;

/// <summary>Python's numbers: whole numbers of any size, floats, and truth values as 0 and 1.</summary>
internal static class Numbers
{
    /// <summary>The value as a whole number: integers and truth values, nothing else.</summary>
    public static bool TryWhole(object value, out BigInteger number)
    {
        number = value switch { BigInteger whole => whole, bool truth => truth ? 1 : 0, _ => BigInteger.Zero };
        return value is BigInteger or bool;
    }

    /// <summary>The value as a float when it is a number.</summary>
    public static bool TryFloat(object value, out double number)
    {
        if (value is double given)
        {
            number = given;
            return true;
        }

        number = 0;
        if (!TryWhole(value, out var whole)) return false;
        number = ToFloat(whole);
        return true;
    }

    public static double ToFloat(BigInteger whole)
    {
        var number = (double)whole;
        return double.IsInfinity(number) ? throw TemplateErrors.Arithmetic("int too large to convert to float") : number;
    }

    /// <summary>An index or a count, limited to 32 bits: a larger one lies outside every text and list in any case.</summary>
    public static int Index(object value, string typeMessage = "'{0}' object cannot be interpreted as an integer")
    {
        if (value is Undefined undefined) throw undefined.Failure();
        if (!TryWhole(value, out var whole)) throw TemplateErrors.Type(typeMessage.Replace("{0}", TypeNames.Of(value), StringComparison.Ordinal));
        return (int)BigInteger.Max(int.MinValue + 1, BigInteger.Min(int.MaxValue, whole));
    }

    /// <summary>Python's <c>float(value)</c>.</summary>
    /// <exception cref="TemplateException">A text that is no number, or something undefined.</exception>
    /// <exception cref="TemplateRuntimeException">A value that is no number.</exception>
    public static double Float(object value)
    {
        if (TryFloat(value, out var number)) return number;
        return value switch
        {
            string or Markup => PythonNumber.TryParseFloat(Printer.Text(value), out var parsed)
                ? parsed
                : throw TemplateErrors.Value($"could not convert string to float: {Printer.Repr(value)}"),
            Undefined undefined => throw undefined.Failure(),
            _ => throw TemplateErrors.Type($"float() argument must be a string or a real number, not '{TypeNames.Of(value)}'"),
        };
    }

    public static BigInteger CheckSize(BigInteger value) => value.GetBitLength() <= TemplateLimits.MaxIntegerBits ? value : throw TemplateErrors.Limit($"{TemplateLimits.MaxIntegerBits} bits");
}
