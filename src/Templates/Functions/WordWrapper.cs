namespace Grainflow.Templates.Functions;

/// <summary>Breaks one line into lines of a width, at white space, behind hyphens and, if need be, inside words (Python's <c>textwrap</c>).</summary>
internal sealed class WordWrapper(int width, bool breakLongWords, bool breakOnHyphens)
{
    public List<string> Wrap(string text)
    {
        var lines = new List<string>();
        var chunks = new Queue<string>(Chunks(text));
        string? rest = null;
        while (rest is not null || chunks.Count > 0)
        {
            var line = new List<string>();
            var length = 0;
            if (lines.Count > 0 && rest is null && IsSpace(chunks.Peek())) chunks.Dequeue();
            while (rest is not null || chunks.Count > 0)
            {
                var chunk = rest ?? chunks.Peek();
                if (length + chunk.Length > width) break;
                line.Add(chunk);
                length += chunk.Length;
                if (rest is null) chunks.Dequeue();
                rest = null;
            }

            if ((rest ?? (chunks.Count > 0 ? chunks.Peek() : null)) is { } next && next.Length > width)
            {
                if (breakLongWords)
                {
                    var at = BreakAt(next, width - length);
                    if (rest is null) chunks.Dequeue();
                    line.Add(next[..at]);
                    rest = next[at..];
                }
                else if (line.Count == 0)
                {
                    line.Add(next);
                    chunks.Dequeue();
                }
            }

            if (line.Count > 0 && IsSpace(line[^1])) line.RemoveAt(line.Count - 1);
            if (line.Count > 0) lines.Add(string.Concat(line));
        }

        return lines;
    }

    private int BreakAt(string word, int space)
    {
        if (!breakOnHyphens || space <= 0) return Math.Max(space, 0);
        var hyphen = word.LastIndexOf('-', space - 1);
        return hyphen > 0 && word.AsSpan(0, hyphen).ContainsAnyExcept('-') ? hyphen + 1 : space;
    }

    private IEnumerable<string> Chunks(string text)
    {
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            if (i < text.Length && !EndsChunk(text, start, i)) continue;
            if (i > start) yield return text[start..i];
            start = i;
        }
    }

    // Whether a chunk ends before position i.
    private bool EndsChunk(string text, int start, int i)
    {
        if (PythonSpace.Is(text[i]) != PythonSpace.Is(text[i - 1])) return true;
        if (!breakOnHyphens) return false;
        if (text[i - 1] == '-') return EndsAtHyphen(text, start, i);

        // A dash of two or more hyphens between words is a chunk of its own.
        return text[i] == '-' && DashEnd(text, i) is var end && end - i >= 2 && IsWordOrMark(text[i - 1]) && end < text.Length && IsWord(text[end]);
    }

    private static bool EndsAtHyphen(string text, int start, int i)
    {
        if (i - start >= 2 && text[start] == '-' && text[i] != '-' && text.AsSpan(start, i - start).IndexOfAnyExcept('-') < 0) return start > 0 && IsWordOrMark(text[start - 1]) && IsWord(text[i]);
        if (i - start < 3) return false;
        var before = (IsLetter(text[i - 2]) && IsLetter(text[i - 3])) || (i - start >= 4 && IsWordOrMark(text[i - 2]) && text[i - 3] == '-' && IsLetter(text[i - 4]));
        var after = IsLetter(text[i]) && i + 1 < text.Length && (IsLetter(text[i + 1]) || (text[i + 1] == '-' && i + 2 < text.Length && IsLetter(text[i + 2])));
        return before && after;
    }

    private static int DashEnd(string text, int at)
    {
        while (at < text.Length && text[at] == '-') at++;
        return at;
    }

    private static bool IsSpace(string chunk) => chunk.Length > 0 && PythonSpace.Is(chunk[0]);

    private static bool IsLetter(char c) => char.IsLetter(c) || c == '_';

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static bool IsWordOrMark(char c) => IsWord(c) || "!\"'&.,?".Contains(c, StringComparison.Ordinal);
}
