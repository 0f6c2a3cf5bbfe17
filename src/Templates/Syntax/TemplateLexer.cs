using System.Text;
using Grainflow.Engine.Values;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Syntax;

/// <summary>Splits a template into text, outputs and tags (Jinja 3.1 with the default delimiters, no line statements).</summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    private TemplateLexer(string source) => _source = source;

    public static List<Token> Read(string template)
    {
        var source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n')) source = source[..^1];
        var lexer = new TemplateLexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_position < _source.Length)
        {
            var start = NextOpening();
            if (start < 0)
            {
                AddData(_source[_position..]);
                Advance(_source.Length);
                break;
            }

            var data = _source[_position..start];
            AddData(Marker(start + 2) == '-' ? TextParts.TrimEnd(data) : data);
            Advance(start);
            ReadOpening();
        }

        _tokens.Add(new Token(TokenKind.End, "", _line));
    }

    private int NextOpening()
    {
        for (var i = _source.IndexOf('{', _position); i >= 0 && i + 1 < _source.Length; i = _source.IndexOf('{', i + 1))
            if (_source[i + 1] is '{' or '%' or '#') return i;
        return -1;
    }

    private void ReadOpening()
    {
        var kind = _source[_position + 1];
        if (kind == '#')
        {
            SkipComment();
            return;
        }

        if (kind == '%' && TryReadRaw()) return;
        var end = kind == '{' ? "}}" : "%}";
        _tokens.Add(new Token(kind == '{' ? TokenKind.OutputBegin : TokenKind.TagBegin, end, _line));
        Advance(_position + 2);
        if (Marker(_position) is '-' or '+') Advance(_position + 1);
        ReadInside(end);
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _position + 2, StringComparison.Ordinal);
        if (end < 0) throw TemplateErrors.Syntax("Missing end of comment tag", _line);
        var trims = end > _position + 2 && _source[end - 1] == '-';
        Advance(end + 2);
        if (trims) SkipSpace();
    }

    // {% raw %} … {% endraw %}: the text between is data, whatever it holds.
    private bool TryReadRaw()
    {
        var after = MatchTag(_position, "raw", out var trimsAfter);
        if (after < 0) return false;
        var line = _line;
        Advance(after);
        if (trimsAfter) SkipSpace();
        for (var i = _source.IndexOf("{%", _position, StringComparison.Ordinal); i >= 0; i = _source.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            var end = MatchTag(i, "endraw", out var trims);
            if (end < 0) continue;
            var data = _source[_position..i];
            AddData(Marker(i + 2) == '-' ? TextParts.TrimEnd(data) : data);
            Advance(end);
            if (trims) SkipSpace();
            return true;
        }

        throw TemplateErrors.Syntax("Missing end of raw directive", line);
    }

    // The position behind a tag that holds just this name, or -1.
    private int MatchTag(int start, string name, out bool trims)
    {
        trims = false;
        var i = start + 2;
        if (Marker(i) is '-' or '+') i++;
        while (i < _source.Length && PythonCharacters.IsSpace(_source[i])) i++;
        if (string.CompareOrdinal(_source, i, name, 0, name.Length) != 0) return -1;
        i += name.Length;
        while (i < _source.Length && PythonCharacters.IsSpace(_source[i])) i++;
        if (Marker(i) is '-' or '+')
        {
            trims = _source[i] == '-';
            i++;
        }

        return string.CompareOrdinal(_source, i, "%}", 0, 2) == 0 ? i + 2 : -1;
    }

    private void ReadInside(string end)
    {
        var open = new Stack<char>();
        while (true)
        {
            SkipSpace();
            if (_position >= _source.Length) throw TemplateErrors.Syntax("unexpected end of template", _line);
            if (open.Count == 0 && TryReadEnd(end)) return;
            ReadToken(open);
        }
    }

    private bool TryReadEnd(string end)
    {
        var marker = _source[_position];
        var trims = marker == '-';
        var at = trims || (marker == '+' && end == "%}") ? _position + 1 : _position;
        if (string.CompareOrdinal(_source, at, end, 0, 2) != 0) return false;
        _tokens.Add(new Token(end == "}}" ? TokenKind.OutputEnd : TokenKind.TagEnd, end, _line));
        Advance(at + 2);
        if (trims) SkipSpace();
        return true;
    }

    private void ReadToken(Stack<char> open)
    {
        var c = _source[_position];
        if (c is '"' or '\'') ReadText(c);
        else if (NumberLexer.Starts(_source, _position)) ReadNumber();
        else if (IsNamePart(PythonCharacters.At(_source, _position, out _))) ReadName();
        else ReadOperator(open);
    }

    private void ReadName()
    {
        var end = _position;
        while (end < _source.Length && IsNamePart(PythonCharacters.At(_source, end, out var length))) end += length;
        if (!PythonCharacters.IsIdentifierStart(PythonCharacters.At(_source, _position, out var first))
            || !CodePoints.All(_source[(_position + first)..end], PythonCharacters.IsIdentifierPart))
            throw TemplateErrors.Syntax("Invalid character in identifier", _line);
        Add(TokenKind.Name, _source[_position..end], end);
    }

    // What Jinja takes together and then refuses as a whole: superscript digits and the like are part of a word, and of no name.
    private static bool IsNamePart(int c) => PythonCharacters.IsAlphanumeric(c) || PythonCharacters.IsIdentifierPart(c);

    private void ReadNumber()
    {
        var end = NumberLexer.Read(_source, _position, out var isFloat);
        var digits = _source[_position..end].Replace("_", "", StringComparison.Ordinal);
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, digits, end);
    }

    private void ReadText(char quote)
    {
        var builder = new StringBuilder();
        var i = _position + 1;
        while (i < _source.Length && _source[i] != quote)
        {
            if (_source[i] != '\\')
            {
                builder.Append(_source[i++]);
                continue;
            }

            i = TextEscapes.Read(_source, i, builder, _line);
        }

        if (i >= _source.Length) throw TemplateErrors.Syntax($"unexpected char '{quote}'", _line);
        Add(TokenKind.Text, builder.ToString(), i + 1);
    }

    private void ReadOperator(Stack<char> open)
    {
        var two = _position + 1 < _source.Length ? _source.Substring(_position, 2) : "";
        if (two is "//" or "**" or "==" or "!=" or ">=" or "<=")
        {
            Add(TokenKind.Operator, two, _position + 2);
            return;
        }

        var c = _source[_position];
        if (!"+-/*%~[](){}><=.:|,;".Contains(c, StringComparison.Ordinal)) throw TemplateErrors.Syntax($"unexpected char '{c}'", _line);
        if (c is '(' or '[' or '{') open.Push(c);
        if (c is ')' or ']' or '}') Close(c, open);
        Add(TokenKind.Operator, c.ToString(), _position + 1);
    }

    private void Close(char closing, Stack<char> open)
    {
        if (open.Count == 0) throw TemplateErrors.Syntax($"unexpected '{closing}'", _line);
        var expected = open.Pop() switch { '(' => ')', '[' => ']', _ => '}' };
        if (closing != expected) throw TemplateErrors.Syntax($"unexpected '{closing}', expected '{expected}'", _line);
    }

    private char Marker(int position) => position < _source.Length ? _source[position] : '\0';

    private void AddData(string data)
    {
        if (data.Length > 0) _tokens.Add(new Token(TokenKind.Data, data, _line));
    }

    private void Add(TokenKind kind, string value, int end)
    {
        _tokens.Add(new Token(kind, value, _line));
        Advance(end);
    }

    private void SkipSpace()
    {
        var end = _position;
        while (end < _source.Length && PythonCharacters.IsSpace(_source[end])) end++;
        Advance(end);
    }

    private void Advance(int position)
    {
        for (; _position < position; _position++)
            if (_source[_position] == '\n') _line++;
    }
}
