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

    /// <summary>Reads a float as Python does: blanks around it, <c>_</c> between digits, <c>inf</c> and <c>nan</c> in any case.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="value">The number.</param>
    public static bool TryParseFloat(string text, out double value) => PythonNumber.TryParse(text, out value);

    /// <summary>The text without the white space around it, as Python's <c>strip</c> sees white space.</summary>
    /// <param name="text">Any text.</param>
    public static string Strip(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && IsSpace(text[start])) start++;
        while (end > start && IsSpace(text[end - 1])) end--;
        return text[start..end];
    }

    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

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
        foreach (var rune in value.EnumerateRunes()) AppendRune(text, rune, quote);
        text.Append(quote);
    }

    private static void AppendRune(StringBuilder text, Rune rune, char quote)
    {
        if (rune.Value == quote || rune.Value == '\\') text.Append('\\').Append(rune);
        else if (rune.Value == '\n') text.Append("\\n");
        else if (rune.Value == '\r') text.Append("\\r");
        else if (rune.Value == '\t') text.Append("\\t");
        else if (Prints(rune)) text.Append(rune);
        else if (rune.Value <= 0xFF) text.Append("\\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture));
        else if (rune.Value <= 0xFFFF) text.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture));
        else text.Append("\\U").Append(rune.Value.ToString("x8", CultureInfo.InvariantCulture));
    }

    private static bool Prints(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
