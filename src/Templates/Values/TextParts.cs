using Grainflow.Engine.Values;

namespace Grainflow.Templates.Values;

/// <summary>Texts trimmed and split at white space, as Python has white space.</summary>
internal static class TextParts
{
    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && PythonCharacters.IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    public static string TrimStart(string text)
    {
        var start = 0;
        while (start < text.Length && PythonCharacters.IsSpace(text[start])) start++;
        return text[start..];
    }

    /// <summary>The words of a text, as <c>str.split()</c> without arguments gives them.</summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var i = 0;
        while (i < text.Length)
        {
            while (i < text.Length && PythonCharacters.IsSpace(text[i])) i++;
            var start = i;
            while (i < text.Length && !PythonCharacters.IsSpace(text[i])) i++;
            if (i > start) words.Add(text[start..i]);
        }

        return words;
    }

    /// <summary>The lines of a text, as <c>str.splitlines</c> gives them.</summary>
    public static List<string> Lines(string text, bool keepEnds)
    {
        var lines = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029')) continue;
            var next = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
            lines.Add(text[start..(keepEnds ? next : i)]);
            start = next;
            i = next - 1;
        }

        if (start < text.Length) lines.Add(text[start..]);
        return lines;
    }
}
