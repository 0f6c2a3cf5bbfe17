using System.Text;

namespace Grainflow.Silo.Running;

/// <summary>The line of a terminal that shows the end of a text while it is made, until another line takes its place.</summary>
internal static class PartialLine
{
    /// <summary>Goes back to the begin of the line and clears it.</summary>
    public const string Clear = "\r\u001b[K";

    /// <summary>Characters of the text that are shown, so that the line fits on narrow terminals too.</summary>
    private const int Shown = 60;

    /// <summary>The line, without a line break. A model may answer with control characters, which would steer the terminal; they are shown as spaces.</summary>
    /// <param name="text">The text so far.</param>
    public static string Of(string text)
    {
        var shown = new StringBuilder(Shown);
        foreach (var rune in text[Math.Max(0, text.Length - (4 * Shown))..].EnumerateRunes())
        {
            var isBlank = Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format;
            if (isBlank && (shown.Length == 0 || shown[^1] == ' ')) continue;
            shown.Append(isBlank ? " " : rune.ToString());
        }

        var start = Math.Max(0, shown.Length - Shown);
        if (start < shown.Length && char.IsLowSurrogate(shown[start])) start++;
        return $"{Clear}           \u001b[2m… {shown.ToString(start, shown.Length - start)}\u001b[0m";
    }
}

/// <summary>Writes lines of progress, and on a terminal the end of a text that is still made, until the next line takes its place.</summary>
/// <param name="writer">Where they go; null writes nothing.</param>
internal sealed class ProgressLines(TextWriter? writer)
{
    private readonly Lock _gate = new();
    private bool _hasText;

    /// <summary>Writes a line.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            Clear();
            writer?.WriteLine(line);
        }
    }

    /// <summary>Shows a text that is still made; for a terminal alone.</summary>
    public void Show(string text)
    {
        lock (_gate)
        {
            writer?.Write(PartialLine.Of(text));
            _hasText = true;
        }
    }

    /// <summary>Takes away the text that is shown, if there is one.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_hasText) writer?.Write(PartialLine.Clear);
            _hasText = false;
        }
    }
}
