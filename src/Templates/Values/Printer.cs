using System.Numerics;
using System.Text;
using Grainflow.Templates.Rendering;
using Grainflow.Engine.Values;

namespace Grainflow.Templates.Values;

/// <summary>Values as text, the way Python's <c>str</c> and <c>repr</c> print them.</summary>
internal static class Printer
{
    private const int MaxDepth = JsonValues.MaxDepth;

    /// <summary>What <c>{{ value }}</c> prints.</summary>
    public static string Text(object value) => value switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined => "",
        _ => Repr(value),
    };

    /// <summary>How a value prints inside a list.</summary>
    public static string Repr(object value)
    {
        switch (value)
        {
            case string text: return PythonText.Repr(text);
            case BigInteger number: return Whole(number);
            case double number: return PythonText.Float(number);
        }

        var builder = new StringBuilder();
        Append(builder, value, 0);
        return builder.ToString();
    }

    /// <summary><see cref="Repr"/> with escapes for what is not ASCII.</summary>
    public static string AsciiRepr(object value)
    {
        var text = Repr(value);
        if (Ascii.IsValid(text)) return text;
        var builder = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            i += length;
            if (c < 0x80) builder.Append((char)c);
            else PythonText.AppendEscape(builder, c);
        }

        return builder.ToString();
    }

    private static string Whole(BigInteger number)
    {
        if (number.GetBitLength() > PythonNumber.MaxDigits * 3.3)
        {
            var limit = BigInteger.Pow(10, PythonNumber.MaxDigits);
            if (BigInteger.Abs(number) >= limit) throw TemplateErrors.Value($"Exceeds the limit ({PythonNumber.MaxDigits} digits) for integer string conversion");
        }

        return number.ToString();
    }

    private static void Append(StringBuilder into, object value, int depth)
    {
        if (depth > MaxDepth) throw TemplateErrors.Limit($"{MaxDepth} levels");
        RenderState.CheckText(into.Length);
        switch (value)
        {
            case string or BigInteger or double: into.Append(Repr(value)); break;
            case None: into.Append("None"); break;
            case bool truth: into.Append(truth ? "True" : "False"); break;
            case Markup markup: into.Append("Markup(").Append(PythonText.Repr(markup.Text)).Append(')'); break;
            case Undefined: into.Append("Undefined"); break;
            case ListValue list: AppendAll(into, "[", list, "]", depth); break;
            case TupleValue tuple: AppendAll(into, "(", tuple.Items, tuple.Items.Count == 1 ? ",)" : ")", depth); break;
            case ViewValue view: AppendAll(into, view.Name + "([", view.Items, "])", depth); break;
            case DictValue dict: AppendDict(into, dict, depth); break;
            case Callable callable: into.Append('<').Append(callable.Name).Append('>'); break;
            default: into.Append('<').Append(TypeNames.Of(value)).Append(" object>"); break;
        }
    }

    private static void AppendAll(StringBuilder into, string open, IReadOnlyList<object> items, string close, int depth)
    {
        into.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) into.Append(", ");
            Append(into, items[i], depth + 1);
        }

        into.Append(close);
    }

    private static void AppendDict(StringBuilder into, DictValue dict, int depth)
    {
        into.Append('{');
        var first = true;
        foreach (var (key, value) in dict)
        {
            if (!first) into.Append(", ");
            first = false;
            Append(into, key, depth + 1);
            into.Append(": ");
            Append(into, value, depth + 1);
        }

        into.Append('}');
    }
}
