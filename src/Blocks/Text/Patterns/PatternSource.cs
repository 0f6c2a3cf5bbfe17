using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text.Patterns;

/// <summary>
/// The text of a pattern, read in tokens: a character, or a backslash with the character after it. Positions count code points.
/// </summary>
internal sealed class PatternSource
{
    private readonly string _pattern;
    private readonly CodePointText _points;

    // The position after the next token.
    private int _end;

    /// <summary>Reads the first token.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <exception cref="PatternException">The pattern begins with a backslash that nothing follows.</exception>
    public PatternSource(string pattern)
    {
        _pattern = pattern;
        _points = new CodePointText(pattern);
        Read();
    }

    /// <summary>The next token; null at the end of the pattern.</summary>
    public string? Next { get; private set; }

    /// <summary>The position of the next token.</summary>
    public int Position => _end - Length(Next);

    /// <summary>How many code points a token has.</summary>
    public static int Length(string? token) => token is null ? 0 : token[0] == '\\' && token.Length > 1 ? 2 : 1;

    /// <summary>The code point of a token, or the one after its backslash.</summary>
    public static int Character(string token)
    {
        var last = token.Length > 1 && token[0] == '\\' ? token[1..] : token;
        return last.Length > 1 ? char.ConvertToUtf32(last, 0) : last[0];
    }

    /// <summary>Goes past the next token and gives it; null at the end of the pattern.</summary>
    public string? Take()
    {
        var token = Next;
        Read();
        return token;
    }

    /// <summary>Goes past the next token if it is the given one.</summary>
    public bool Take(string token)
    {
        if (Next != token) return false;
        Read();
        return true;
    }

    /// <summary>Goes past tokens of some kind and gives their text.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="accepts">Whether a token, which is one character, is of the kind.</param>
    public string TakeWhile(int most, Func<char, bool> accepts)
    {
        var text = "";
        while (text.Length < most && Next is { Length: 1 } token && accepts(token[0])) text += Take();
        return text;
    }

    /// <summary>Goes past the next token that ends a name and gives what stands before it.</summary>
    /// <param name="end">The token that ends the name.</param>
    /// <param name="what">What the name is, for messages.</param>
    public string TakeUntil(string end, string what)
    {
        var start = Position;
        while (Next is not null && Next != end) Read();
        var length = Position - start;
        var isEnded = Take(end);
        if (length == 0) throw Error($"missing {what}", start);
        return isEnded ? _points.Text(start, length) : throw Error($"missing {end}, unterminated name", start);
    }

    /// <summary>Goes back to a position.</summary>
    public void Return(int position)
    {
        _end = position;
        Read();
    }

    public PatternException Error(string message, int position)
    {
        var text = $"{message} at position {position}";
        if (!_pattern.Contains('\n', StringComparison.Ordinal)) return new PatternException(text);
        var line = 1;
        var lineStart = 0;
        for (var i = 0; i < position && i < _points.Length; i++)
        {
            if (_points[i] != '\n') continue;
            line++;
            lineStart = i + 1;
        }

        return new PatternException($"{text} (line {line}, column {position - lineStart + 1})");
    }

    /// <summary>Checks the name of a group, which has just been read with the character that ends it.</summary>
    /// <exception cref="PatternException">It is no identifier.</exception>
    public void CheckName(string name)
    {
        var points = new CodePointText(name);
        var isName = points.Length > 0 && PythonCharacters.IsIdentifierStart(points[0]);
        for (var i = 1; i < points.Length && isName; i++) isName = PythonCharacters.IsIdentifierPart(points[i]);
        if (!isName) throw Error($"bad character in group name {PythonText.Repr(name)}", Position - points.Length - 1);
    }

    private void Read()
    {
        var start = _end;
        if (start >= _points.Length)
        {
            Next = null;
            return;
        }

        var length = _points[start] == '\\' ? 2 : 1;
        if (start + length > _points.Length) throw Error("bad escape (end of pattern)", start);
        _end = start + length;
        Next = _points.Text(start, length);
    }
}
