using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Grainflow.Blocks.Text;

/// <summary>
/// Turns a regular expression of Python's <c>re</c> into one of .NET. Every capturing group becomes an explicitly numbered one: .NET
/// alone would number the named groups after the others.
/// </summary>
internal sealed class PythonPattern
{
    private const string SameEscapes = "AbBdDsSwWafnrtv";

    private readonly string _pattern;
    private readonly StringBuilder _result = new();
    private readonly Stack<int> _open = new();
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private int _position;
    private int _groups;

    // Where the last thing that can be repeated begins in the result, or -1.
    private int _atom = -1;

    private PythonPattern(string pattern)
    {
        _pattern = pattern;
    }

    /// <summary>The .NET pattern.</summary>
    /// <exception cref="FormatException">The pattern is not valid in Python. What .NET refuses itself is left to it.</exception>
    public static string Translate(string pattern)
    {
        var translation = new PythonPattern(pattern);
        while (translation._position < pattern.Length) translation.Next();
        return translation._result.ToString();
    }

    private void Next()
    {
        var c = _pattern[_position];
        switch (c)
        {
            case '\\':
                var isPlace = _position + 1 < _pattern.Length && "AbBZ".Contains(_pattern[_position + 1], StringComparison.Ordinal);
                Atom(ReadEscape(inClass: false));
                if (isPlace) _atom = -1;
                break;
            case '[':
                Atom(ReadClass());
                break;
            case '(':
                ReadGroup();
                break;
            case ')':
                _position++;
                _atom = _open.Count > 0 ? _open.Pop() : throw Bad("unbalanced parenthesis");
                _result.Append(')');
                break;
            case '*' or '+' or '?':
                _position++;
                Repeat(c.ToString());
                break;
            case '{':
                ReadBraces();
                break;
            case '|' or '^' or '$':
                _position++;
                _atom = -1;
                _result.Append(c);
                break;
            default:
                var length = char.IsHighSurrogate(c) && _position + 1 < _pattern.Length && char.IsLowSurrogate(_pattern[_position + 1]) ? 2 : 1;
                var literal = _pattern.Substring(_position, length);
                _position += length;
                Atom(length == 2 ? $"(?:{literal})" : literal);
                break;
        }
    }

    private void Atom(string text)
    {
        _atom = _result.Length;
        _result.Append(text);
    }

    private void Repeat(string quantifier)
    {
        if (_atom < 0) throw Bad("nothing to repeat");
        _result.Append(quantifier);
        if (Take('?'))
        {
            _result.Append('?');
        }
        else if (Take('+'))
        {
            _result.Insert(_atom, "(?>").Append(')');
        }

        _atom = -1;
    }

    private void ReadBraces()
    {
        var match = Regex.Match(_pattern[_position..], @"^\{(?<least>\d*)(?<comma>,?)(?<most>\d*)\}", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        var (least, comma, most) = (match.Groups["least"].Value, match.Groups["comma"].Value, match.Groups["most"].Value);
        if (!match.Success || (least.Length == 0 && comma.Length == 0))
        {
            _position++;
            Atom("\\{");
            return;
        }

        _position += match.Length;
        Repeat($"{{{(least.Length == 0 ? "0" : least)}{comma}{most}}}");
    }

    private string ReadEscape(bool inClass)
    {
        if (_position + 1 >= _pattern.Length) throw Bad("bad escape at the end");
        var c = _pattern[_position + 1];
        _position += 2;
        if (c == 'Z' && !inClass) return "\\z";
        if (SameEscapes.Contains(c, StringComparison.Ordinal)) return inClass && c is 'A' or 'B' ? throw Bad($"bad escape \\{c}") : $"\\{c}";
        if (c is 'x') return Character(ReadHex(2));
        if (c is 'u') return Character(ReadHex(4));
        if (c is 'U') return Character(ReadHex(8));
        if (char.IsAsciiDigit(c)) return ReadNumber(c, inClass);
        if (char.IsAsciiLetter(c)) throw Bad($"bad escape \\{c}");
        return Character(c);
    }

    private string ReadNumber(char first, bool inClass)
    {
        var digits = first.ToString();
        while (digits.Length < 3 && _position < _pattern.Length && char.IsAsciiDigit(_pattern[_position])) digits += _pattern[_position++];
        var octal = digits.TakeWhile(d => d < '8').Count();
        if (first == '0' || inClass || octal == 3)
        {
            if (octal == 0) throw Bad("bad escape");
            _position -= digits.Length - octal;
            return Character(Convert.ToInt32(digits[..octal], 8) & 0xFF);
        }

        if (digits.Length == 3)
        {
            _position--;
            digits = digits[..2];
        }

        var group = int.Parse(digits, CultureInfo.InvariantCulture);
        return group <= _groups ? $"\\k<{group}>" : throw Bad($"invalid group reference {group}");
    }

    private int ReadHex(int length)
    {
        if (_position + length > _pattern.Length || !int.TryParse(_pattern.AsSpan(_position, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)) throw Bad("incomplete escape");
        _position += length;
        return code;
    }

    private string Character(int code)
    {
        if (code <= char.MaxValue) return code < 0x80 && !char.IsAsciiLetterOrDigit((char)code) ? $"\\x{code:x2}" : ((char)code).ToString();
        return Rune.TryCreate(code, out var rune) ? $"(?:{rune})" : throw Bad("bad escape");
    }

    private string ReadClass()
    {
        var result = new StringBuilder("[");
        _position++;
        if (Take('^')) result.Append('^');
        if (Take(']')) result.Append("\\]");
        while (!Take(']'))
        {
            if (_position >= _pattern.Length) throw Bad("unterminated character set");
            if (_pattern[_position] == '\\')
            {
                result.Append(ReadEscape(inClass: true));
                continue;
            }

            // An opening bracket would begin a subtraction in .NET.
            if (_pattern[_position] == '[') result.Append('\\');
            result.Append(_pattern[_position++]);
        }

        return result.Append(']').ToString();
    }

    private void ReadGroup()
    {
        var start = _result.Length;
        _position++;
        _atom = -1;
        if (!Take('?'))
        {
            _result.Append(CultureInfo.InvariantCulture, $"(?<{++_groups}>");
        }
        else if (Take('P'))
        {
            if (Take('='))
            {
                Atom($"\\k<{GroupNumber(ReadTo(')'))}>");
                return;
            }

            if (!Take('<')) throw Bad("unknown extension");
            var name = ReadTo('>');
            if (!_names.TryAdd(name, ++_groups)) throw Bad($"redefinition of group {name}");
            _result.Append(CultureInfo.InvariantCulture, $"(?<{_groups}>");
        }
        else if (Take('#'))
        {
            ReadTo(')');
            return;
        }
        else if (Take('('))
        {
            _result.Append(CultureInfo.InvariantCulture, $"(?({GroupNumber(ReadTo(')'))})");
        }
        else
        {
            ReadExtension();
            if (_result[^1] == ')' || _result.Length == start) return;
        }

        _open.Push(start);
    }

    private void ReadExtension()
    {
        foreach (var extension in (string[])[":", "=", "!", "<=", "<!", ">"])
        {
            if (!_pattern.AsSpan(_position).StartsWith(extension, StringComparison.Ordinal)) continue;
            _position += extension.Length;
            _result.Append("(?").Append(extension);
            return;
        }

        // Flags for the rest or, up to a colon, for a group. Those for ASCII and Unicode have no twin.
        var flags = new StringBuilder();
        while (_position < _pattern.Length && "aiLmsux-".Contains(_pattern[_position], StringComparison.Ordinal))
        {
            if ("imsx-".Contains(_pattern[_position], StringComparison.Ordinal)) flags.Append(_pattern[_position]);
            _position++;
        }

        if (Take(':')) _result.Append("(?").Append(flags).Append(':');
        else if (!Take(')')) throw Bad("unknown extension");
        else if (flags.Length > 0) _result.Append("(?").Append(flags).Append(')');
    }

    private int GroupNumber(string reference)
    {
        if (_names.TryGetValue(reference, out var number)) return number;
        return int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= _groups ? number : throw Bad($"unknown group {reference}");
    }

    private string ReadTo(char end)
    {
        var at = _pattern.IndexOf(end, _position);
        if (at < 0) throw Bad($"missing {end}");
        var text = _pattern[_position..at];
        _position = at + 1;
        return text;
    }

    private bool Take(char c)
    {
        if (_position >= _pattern.Length || _pattern[_position] != c) return false;
        _position++;
        return true;
    }

    private FormatException Bad(string reason) => new($"Pattern: {reason} at position {_position}");
}
