using System.Numerics;
using System.Text;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Python's <c>text % values</c>. Markup stays markup and escapes what it takes in.</summary>
internal sealed class PercentFormat
{
    private readonly string _format;
    private readonly object _value;
    private readonly bool _escape;
    private readonly StringBuilder _into = new();
    private int _at;
    private int _next;

    private PercentFormat(string format, object value, bool escape) => (_format, _value, _escape) = (format, value, escape);

    public static object Apply(object format, object value)
    {
        if (value is Undefined) value = "";
        var isMarkup = format is Markup;
        var text = new PercentFormat(Printer.Text(format), value, isMarkup).Run();
        return isMarkup ? new Markup(text) : text;
    }

    private string Run()
    {
        while (_at < _format.Length)
        {
            var c = _format[_at++];
            if (c != '%') _into.Append(c);
            else Convert();
            RenderState.CheckText(_into.Length);
        }

        var isTuple = _value is TupleValue;
        var unused = isTuple ? _next < ((TupleValue)_value).Items.Count : _next == 0 && _value is not (DictValue or ListValue);
        return unused ? throw TemplateErrors.Type("not all arguments converted during string formatting") : _into.ToString();
    }

    private void Convert()
    {
        object? keyed = null;
        if (Peek() == '(')
        {
            var end = _format.IndexOf(')', _at);
            if (end < 0) throw TemplateErrors.Value("incomplete format key");
            keyed = Member(_format[(_at + 1)..end]);
            _at = end + 1;
        }

        var flags = Flags();
        var width = Count();
        if (width < 0) (flags, width) = (flags + "-", -width);
        var precision = -1;
        if (Peek() == '.')
        {
            _at++;
            precision = Math.Max(0, Count());
        }

        while (Peek() is 'h' or 'l' or 'L') _at++;
        if (_at >= _format.Length) throw TemplateErrors.Value("incomplete format");
        var type = _format[_at++];
        if (type == '%') _into.Append('%');
        else _into.Append(Text(type, keyed ?? Next(), flags, width, precision));
    }

    private string Flags()
    {
        var start = _at;
        while (Peek() is '-' or '+' or ' ' or '#' or '0') _at++;
        return _format[start.._at];
    }

    private int Count()
    {
        if (Peek() == '*')
        {
            _at++;
            return Numbers.Index(Next(), "* wants int");
        }

        var value = 0L;
        for (; char.IsAsciiDigit(Peek()); _at++) value = (value * 10) + (_format[_at] - '0');
        RenderState.CheckText(value);
        return (int)value;
    }

    private string Text(char type, object value, string flags, int width, int precision)
    {
        var left = flags.Contains('-', StringComparison.Ordinal);
        var align = left ? '<' : flags.Contains('0', StringComparison.Ordinal) ? '=' : '>';
        var fill = align == '=' ? "0" : " ";
        var signMode = flags.Contains('+', StringComparison.Ordinal) ? '+' : flags.Contains(' ', StringComparison.Ordinal) ? ' ' : '-';
        var alternate = flags.Contains('#', StringComparison.Ordinal);
        switch (type)
        {
            case 's' or 'r' or 'a' or 'c':
                var text = type switch { 's' => Printer.Text(value), 'c' => Character(value), 'a' => Printer.AsciiRepr(value), _ => Printer.Repr(value) };
                if (_escape) text = value is Markup && type == 's' ? text : Markup.EscapeText(text);
                if (precision >= 0 && type != 'c' && precision < CodePoints.Count(text)) text = CodePoints.Range(text, 0, precision);
                return NumberFormat.Field("", text, width, " ", left ? '<' : '>');
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                var whole = Whole(value, type);
                var digits = NumberFormat.Whole(whole, type);
                if (precision > digits.Length) digits = digits.PadLeft(precision, '0');
                return NumberFormat.Field(NumberFormat.Sign(whole.Sign < 0, signMode) + (alternate ? NumberFormat.Prefix(type) : ""), digits, width, fill, align);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                var number = value is string or Markup ? throw TemplateErrors.Type($"must be real number, not {TypeNames.Of(value)}") : Numbers.Float(value);
                var body = NumberFormat.Float(number, type, precision < 0 ? 6 : precision, alternate);
                return NumberFormat.Field(NumberFormat.Sign(NumberFormat.IsNegative(number), signMode), body, width, double.IsFinite(number) ? fill : " ", double.IsFinite(number) ? align : left ? '<' : '>');
            default:
                throw TemplateErrors.Value($"unsupported format character '{type}' (0x{(int)type:x})");
        }
    }

    private static BigInteger Whole(object value, char type)
    {
        if (value is Undefined undefined) throw undefined.Failure();
        if (Numbers.TryWhole(value, out var whole)) return whole;
        if (type is 'd' or 'i' or 'u' && value is double number)
        {
            if (double.IsNaN(number)) throw TemplateErrors.Value("cannot convert float NaN to integer");
            if (double.IsInfinity(number)) throw TemplateErrors.Arithmetic("cannot convert float infinity to integer");
            return new BigInteger(number);
        }

        throw TemplateErrors.Type($"%{type} format: a real number is required, not {TypeNames.Of(value)}");
    }

    private static string Character(object value)
    {
        if (value is string or Markup && Iteration.Length(value) == 1) return Printer.Text(value);
        if (!Numbers.TryWhole(value, out var code)) throw TemplateErrors.Type("%c requires int or char");
        return code >= 0 && code <= 0x10FFFF && Rune.TryCreate((int)code, out var rune) ? rune.ToString() : throw TemplateErrors.Arithmetic("%c arg not in range(0x110000)");
    }

    private char Peek() => _at < _format.Length ? _format[_at] : '\0';

    private object Member(string key)
    {
        _next = 1;
        if (_value is not DictValue dict) throw TemplateErrors.Type("format requires a mapping");
        return dict.TryGetValue(key, out var value) ? value : throw TemplateErrors.Lookup($"'{key}'");
    }

    private object Next()
    {
        var at = _next++;
        if (_value is TupleValue tuple) return at < tuple.Items.Count ? tuple.Items[at] : throw TemplateErrors.Type("not enough arguments for format string");
        return at == 0 ? _value : throw TemplateErrors.Type("not enough arguments for format string");
    }
}
