using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Values as text the way the contract's reference prints them: JSON with spaces, and the Python forms that templates show.</summary>
public static class PythonText
{
    /// <summary>JSON text with ", " and ": " between parts and non-ASCII escaped (contract: semantics 2.9, to string).</summary>
    /// <param name="value">Any value.</param>
    public static string Json(JsonElement value) => JsonText.Write(value, JsonText.Style.Spaced);

    /// <summary>The text of a value inside a template: a text as it is, everything else as <see cref="Repr(JsonElement)"/>.</summary>
    /// <param name="value">Any value.</param>
    public static string Str(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : Repr(value);

    /// <summary>The Python form: <c>True</c>, <c>None</c>, <c>1.0</c>, <c>['a', 1]</c>, <c>{'k': 'v'}</c>.</summary>
    /// <param name="value">Any value.</param>
    public static string Repr(JsonElement value)
    {
        var text = new StringBuilder();
        AppendRepr(text, value);
        return text.ToString();
    }

    /// <summary>The Python form of a text: single quotes unless it holds those and no double quotes, escapes for what does not print.</summary>
    /// <param name="value">Any text.</param>
    public static string Repr(string value)
    {
        var text = new StringBuilder(value.Length + 2);
        AppendRepr(text, value);
        return text.ToString();
    }

    /// <summary>The shortest text that reads back as the float: <c>0.1</c>, <c>5.0</c>, <c>1e+16</c>, <c>1e-05</c>, <c>inf</c>, <c>nan</c>.</summary>
    /// <param name="value">Any float.</param>
    public static string Float(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var sign = double.IsNegative(value) ? "-" : "";
        var (digits, exponent) = Split(shortest.TrimStart('-'));
        if (digits.Length == 0) return sign + "0.0";
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        if (digits.Length <= exponent + 1) return $"{sign}{digits}{new string('0', exponent + 1 - digits.Length)}.0";
        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>A number: integers as they are, floats by <see cref="Float"/>.</summary>
    /// <param name="number">A JSON number.</param>
    public static string Number(JsonElement number)
    {
        if (JsonValues.IsFloat(number)) return Float(PythonNumber.ToDouble(number)).Replace("inf", "Infinity", StringComparison.Ordinal);
        var text = Encoding.ASCII.GetString(JsonMarshal.GetRawUtf8Value(number));
        return text == "-0" ? "0" : text;
    }

    /// <summary>What Python calls the type of a value: <c>str</c>, <c>int</c>, <c>float</c>, <c>bool</c>, <c>list</c>, <c>dict</c>, <c>NoneType</c>.</summary>
    /// <param name="value">Any value.</param>
    public static string TypeName(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "str",
        JsonValueKind.Number => JsonValues.IsFloat(value) ? "float" : "int",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "list",
        JsonValueKind.Object => "dict",
        _ => "NoneType",
    };

    /// <summary>The text without the white space around it, as <c>str.strip()</c> gives it.</summary>
    /// <param name="text">Any text.</param>
    public static string Strip(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && PythonCharacters.IsSpace(text[start])) start++;
        while (end > start && PythonCharacters.IsSpace(text[end - 1])) end--;
        return text[start..end];
    }

    /// <summary>
    /// Below zero, zero or above zero as the left text stands before the right one, is equal to it or stands behind it by code points. The order of
    /// .NET's <c>char</c>s differs where a surrogate meets U+E000 to U+FFFF.
    /// </summary>
    /// <param name="left">Any text.</param>
    /// <param name="right">Any text.</param>
    public static int Compare(string left, string right)
    {
        var at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length) return left.Length.CompareTo(right.Length);
        var (a, b) = (left[at], right[at]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }

    // Digits without zeros at either end, and the power of ten of the first one.
    private static (string Digits, int Exponent) Split(string shortest)
    {
        var e = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? shortest : shortest[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        var all = point < 0 ? mantissa : whole + mantissa[(point + 1)..];
        var digits = all.TrimStart('0');
        exponent += whole.Length - 1 - (all.Length - digits.Length);
        return (digits.TrimEnd('0'), exponent);
    }

    private static void AppendRepr(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                AppendRepr(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(JsonValues.IsFloat(value) ? Float(PythonNumber.ToDouble(value)) : Number(value));
                break;
            case JsonValueKind.True:
                text.Append("True");
                break;
            case JsonValueKind.False:
                text.Append("False");
                break;
            case JsonValueKind.Array:
                AppendAll(text, '[', value.EnumerateArray(), ']', AppendRepr);
                break;
            case JsonValueKind.Object:
                AppendAll(text, '{', value.EnumerateObject(), '}', static (t, m) =>
                {
                    AppendRepr(t, m.Name);
                    t.Append(": ");
                    AppendRepr(t, m.Value);
                });
                break;
            default:
                text.Append("None");
                break;
        }
    }

    private static void AppendAll<T>(StringBuilder text, char open, IEnumerable<T> parts, char close, Action<StringBuilder, T> append)
    {
        text.Append(open);
        var first = true;
        foreach (var part in parts)
        {
            if (!first) text.Append(", ");
            first = false;
            append(text, part);
        }

        text.Append(close);
    }

    private static void AppendRepr(StringBuilder text, string value)
    {
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        for (var i = 0; i < value.Length;)
        {
            var c = PythonCharacters.At(value, i, out var length);
            if (c == quote || c == '\\') text.Append('\\').Append((char)c);
            else if (PythonCharacters.IsPrintable(c)) text.Append(value, i, length);
            else AppendEscape(text, c);
            i += length;
        }

        text.Append(quote);
    }

    /// <summary>Appends the escape by which <c>repr</c> shows a character that does not print: <c>\n</c>, <c>\x1b</c>, <c>\u200b</c>, <c>\U000e0001</c>.</summary>
    /// <param name="text">What the escape is appended to.</param>
    /// <param name="c">A code point.</param>
    public static void AppendEscape(StringBuilder text, int c) => _ = c switch
    {
        '\n' => text.Append("\\n"),
        '\r' => text.Append("\\r"),
        '\t' => text.Append("\\t"),
        <= 0xFF => text.Append("\\x").Append(c.ToString("x2", CultureInfo.InvariantCulture)),
        <= 0xFFFF => text.Append("\\u").Append(c.ToString("x4", CultureInfo.InvariantCulture)),
        _ => text.Append("\\U").Append(c.ToString("x8", CultureInfo.InvariantCulture)),
    };
}
