using Grainflow.Engine.Values;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>
/// Breaks one line into lines of a width in characters, at white space, behind hyphens and, if need be, inside words (Python's <c>textwrap</c>).
/// Only white space of ASCII is a place to break; a line of nothing but other white space is dropped all the same.
/// </summary>
internal sealed class WordWrapper(int width, bool breakLongWords, bool breakOnHyphens)
{
    public List<string> Wrap(string text)
    {
        var lines = new List<string>();
        var chunks = new Stack<string>(Chunks(text).Reverse());
        while (chunks.Count > 0)
        {
            var line = new List<string>();
            var length = 0;
            if (lines.Count > 0 && IsBlank(chunks.Peek())) chunks.Pop();
            while (chunks.TryPeek(out var chunk) && CodePoints.Count(chunk) is var size && length + size <= width)
            {
                line.Add(chunks.Pop());
                length += size;
            }

            if (chunks.TryPeek(out var next) && CodePoints.Count(next) > width) BreakLong(chunks, line, width - length);
            if (line.Count > 0 && IsBlank(line[^1])) line.RemoveAt(line.Count - 1);
            if (line.Count > 0) lines.Add(string.Concat(line));
        }

        return lines;
    }

    private void BreakLong(Stack<string> chunks, List<string> line, int space)
    {
        if (breakLongWords)
        {
            var chunk = chunks.Pop();
            var at = CodePoints.Offset(chunk, BreakAt(chunk, space));
            line.Add(chunk[..at]);
            chunks.Push(chunk[at..]);
        }
        else if (line.Count == 0)
        {
            line.Add(chunks.Pop());
        }
    }

    // The number of characters that stay in the line.
    private int BreakAt(string word, int space)
    {
        if (!breakOnHyphens || space <= 0) return space;
        var end = CodePoints.Offset(word, space);
        var hyphen = word.AsSpan(0, end).LastIndexOf('-');
        return hyphen > 0 && word.AsSpan(0, hyphen).ContainsAnyExcept('-') ? CodePoints.CountBefore(word, hyphen) + 1 : space;
    }

    private IEnumerable<string> Chunks(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = IsBreak(text[start]) ? SpaceEnd(text, start) : breakOnHyphens ? WordEnd(text, start) : PlainEnd(text, start);
            yield return text[start..end];
            start = end;
        }
    }

    private static int SpaceEnd(string text, int at)
    {
        while (at < text.Length && IsBreak(text[at])) at++;
        return at;
    }

    private static int PlainEnd(string text, int at)
    {
        while (at < text.Length && !IsBreak(text[at])) at++;
        return at;
    }

    // The end of a dash between words, or of a word up to white space, a dash or its own hyphen.
    private static int WordEnd(string text, int start)
    {
        if (IsDash(text, start)) return HyphenEnd(text, start);
        for (var at = start + 1; at < text.Length; at++)
        {
            if (IsBreak(text[at]) || IsDash(text, at)) return at;
            if (text[at] == '-' && IsHyphen(text, at)) return at + 1;
        }

        return text.Length;
    }

    // Two or more hyphens between words.
    private static bool IsDash(string text, int at)
    {
        if (text[at] != '-' || at == 0 || at + 1 >= text.Length || text[at + 1] != '-' || !IsWordOrMark(Before(text, at))) return false;
        var end = HyphenEnd(text, at);
        return end < text.Length && IsWord(PythonCharacters.At(text, end, out _));
    }

    // A hyphen with two letters before it, or a letter, a hyphen and a letter; and two letters behind it, with or without a hyphen between.
    private static bool IsHyphen(string text, int at)
    {
        if (at == 0 || !IsLetter(Before(text, at))) return false;
        var second = at - LengthBefore(text, at);
        if (second == 0) return false;
        var first = second - LengthBefore(text, second);
        var before = IsLetter(Before(text, second)) || (text[second - 1] == '-' && first > 0 && IsLetter(Before(text, first)));
        if (!before || at + 1 >= text.Length || !IsLetter(PythonCharacters.At(text, at + 1, out var length))) return false;
        var next = at + 1 + length;
        if (next < text.Length && text[next] == '-') next++;
        return next < text.Length && IsLetter(PythonCharacters.At(text, next, out _));
    }

    private static int HyphenEnd(string text, int at)
    {
        while (at < text.Length && text[at] == '-') at++;
        return at;
    }

    private static int LengthBefore(string text, int at) => at > 1 && char.IsSurrogatePair(text[at - 2], text[at - 1]) ? 2 : 1;

    private static int Before(string text, int at) => PythonCharacters.At(text, at - LengthBefore(text, at), out _);

    private static bool IsBlank(string chunk) => PythonText.Strip(chunk).Length == 0;

    private static bool IsBreak(char c) => c is ' ' or '\t' or '\n' or '\v' or '\f' or '\r';

    // [^\d\W]
    private static bool IsLetter(int c) => IsWord(c) && PythonCharacters.DecimalValue(c) < 0;

    private static bool IsWord(int c) => c == '_' || PythonCharacters.IsAlphanumeric(c);

    private static bool IsWordOrMark(int c) => IsWord(c) || c is '!' or '"' or '\'' or '&' or '.' or ',' or '?';
}
