using System.Numerics;
using System.Text;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;
using Grainflow.Engine.Values;

namespace Grainflow.Templates.Functions;

/// <summary>The part behind the colon in <c>str.format</c>: fill, alignment, sign, width, grouping, precision, type.</summary>
internal sealed class FormatSpec
{
    private string _fill = " ";
    private char _align;
    private char _sign = '-';
    private bool _alternate;
    private int _width;
    private char _group;
    private int _precision = -1;
    private char _type;

    public static string Apply(object value, string spec)
    {
        if (spec.Length == 0) return Printer.Text(value);
        var parsed = Parse(spec);
        return value switch
        {
            string or Markup => parsed.Text(Printer.Text(value)),
            bool or BigInteger when parsed._type is '\0' or 'd' or 'b' or 'o' or 'x' or 'X' or 'n' or 'c' => parsed.Whole(value),
            bool or BigInteger or double => parsed.Float(Numbers.Float(value)),
            _ => throw TemplateErrors.Type($"unsupported format string passed to {TypeNames.Of(value)}.__format__"),
        };
    }

    private static FormatSpec Parse(string spec)
    {
        var result = new FormatSpec();
        var at = 0;
        var fillEnd = char.IsHighSurrogate(spec[0]) && spec.Length > 1 ? 2 : 1;
        var fillGiven = spec.Length > fillEnd && IsAlign(spec[fillEnd]);
        if (fillGiven) (result._fill, result._align, at) = (spec[..fillEnd], spec[fillEnd], fillEnd + 1);
        else if (IsAlign(spec[0])) (result._align, at) = (spec[0], 1);
        if (at < spec.Length && spec[at] is '+' or '-' or ' ') result._sign = spec[at++];
        if (at < spec.Length && spec[at] == '#') (result._alternate, at) = (true, at + 1);
        if (at < spec.Length && spec[at] == '0' && !fillGiven)
        {
            result._fill = "0";
            if (result._align == '\0') result._align = '=';
            at++;
        }

        result._width = Digits(spec, ref at) ?? 0;
        if (at < spec.Length && spec[at] is ',' or '_') result._group = spec[at++];
        if (at < spec.Length && spec[at] == '.')
        {
            at++;
            result._precision = Digits(spec, ref at) ?? throw TemplateErrors.Value("Format specifier missing precision");
        }

        if (at < spec.Length) result._type = spec[at++];
        return at == spec.Length ? result : throw TemplateErrors.Value($"Invalid format specifier '{spec}'");
    }

    private static bool IsAlign(char c) => c is '<' or '>' or '=' or '^';

    private static int? Digits(string spec, ref int at)
    {
        var start = at;
        var value = 0L;
        while (at < spec.Length && PythonCharacters.DecimalValue(PythonCharacters.At(spec, at, out var length)) is var digit and >= 0)
        {
            value = (value * 10) + digit;
            RenderState.CheckText(value);
            at += length;
        }

        return at == start ? null : (int)value;
    }

    private string Text(string text)
    {
        if (_type is not ('\0' or 's')) throw TemplateErrors.Value($"Unknown format code '{_type}' for object of type 'str'");
        if (_align == '=' && _fill != "0") throw TemplateErrors.Value("'=' alignment not allowed in string format specifier");
        if (_precision >= 0 && _precision < CodePoints.Count(text)) text = CodePoints.Range(text, 0, _precision);
        return NumberFormat.Field("", text, _width, _fill, _align is '\0' or '=' ? '<' : _align);
    }

    private string Whole(object value)
    {
        Numbers.TryWhole(value, out var number);
        if (_precision >= 0) throw TemplateErrors.Value("Precision not allowed in integer format specifier");
        if (_type == 'c') return NumberFormat.Field("", Character(number), _width, _fill, _align == '\0' ? '<' : _align);
        var sign = NumberFormat.Sign(number.Sign < 0, _sign) + (_alternate ? NumberFormat.Prefix(_type) : "");
        var digits = Group(NumberFormat.Whole(number, _type), _type is 'b' or 'o' or 'x' or 'X' ? 4 : 3, _width - sign.Length);
        return NumberFormat.Field(sign, digits, _width, _fill, _align == '\0' ? '>' : _align);
    }

    private string Float(double number)
    {
        string body;
        switch (_type)
        {
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                body = NumberFormat.Float(number, _type, _precision < 0 ? 6 : _precision, _alternate);
                break;
            case '%':
                body = NumberFormat.Float(number * 100, 'f', _precision < 0 ? 6 : _precision, _alternate) + "%";
                break;
            case 'n':
                body = NumberFormat.Float(number, 'g', _precision < 0 ? 6 : _precision, _alternate);
                break;
            case '\0':
                body = _precision < 0 ? PythonText.Float(Math.Abs(number)) : WithPoint(number);
                break;
            default:
                throw TemplateErrors.Value($"Unknown format code '{_type}' for object of type 'float'");
        }

        var point = body.AsSpan().IndexOfAny(".e%");
        var whole = point < 0 ? body : body[..point];
        var sign = NumberFormat.Sign(NumberFormat.IsNegative(number), _sign);
        var rest = body[whole.Length..];
        var grouped = double.IsFinite(number) ? Group(whole, 3, _width - sign.Length - rest.Length) + rest : body;
        return NumberFormat.Field(sign, grouped, _width, _fill, _align == '\0' ? '>' : _align);
    }

    // Without a type, as 'g' but with at least one digit behind the point.
    private string WithPoint(double number)
    {
        var text = NumberFormat.Float(number, 'g', _precision, _alternate);
        return double.IsFinite(number) && !text.Contains('.', StringComparison.Ordinal) && !text.Contains('e', StringComparison.Ordinal) && text.Length < Math.Max(_precision, 1)
            ? text + ".0"
            : text;
    }

    // Zeros that fill the field are grouped too, and no group mark stands first.
    private string Group(string digits, int size, int width)
    {
        if (_group == '\0') return digits;
        if (_fill == "0" && _align == '=' && width > 0)
        {
            RenderState.CheckText(width);
            var filled = width - ((width - 1) / (size + 1));
            digits = digits.PadLeft(filled, '0');
        }

        var builder = new StringBuilder();
        for (var i = 0; i < digits.Length; i++)
        {
            if (i > 0 && (digits.Length - i) % size == 0) builder.Append(_group);
            builder.Append(digits[i]);
        }

        return builder.ToString();
    }

    private static string Character(BigInteger code) =>
        code >= 0 && code <= 0x10FFFF && Rune.TryCreate((int)code, out var rune) ? rune.ToString() : throw TemplateErrors.Arithmetic("%c arg not in range(0x110000)");
}
