using System.Text;

namespace Grainflow.Blocks.Text;

/// <summary>
/// A text as Python sees it: one element for each code point. Positions and lengths count code points, so that no result can hold half
/// of a surrogate pair. A surrogate that has no partner is an element of its own.
/// </summary>
internal sealed class CodePointText
{
    private readonly int[] _values;

    /// <summary>Takes the code points of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">How many code points to take at most; the rest is left out.</param>
    public CodePointText(string text, int limit = int.MaxValue)
    {
        var values = new int[Math.Min(text.Length, limit)];
        var count = 0;
        for (var i = 0; i < text.Length && count < values.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            values[count++] = isPair ? char.ConvertToUtf32(text[i], text[++i]) : text[i];
        }

        _values = count == values.Length ? values : values[..count];
    }

    /// <summary>The beginning of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">How many code points to keep at most.</param>
    public static string Cut(string text, int limit)
    {
        if (text.Length <= limit) return text;
        var kept = new CodePointText(text, limit);
        return kept.Text(0, kept.Length);
    }

    public int Length => _values.Length;

    public int this[int position] => _values[position];

    public ReadOnlySpan<int> From(int position) => _values.AsSpan(position);

    /// <summary>A part of the text.</summary>
    /// <param name="start">Its first code point.</param>
    /// <param name="length">How many code points it has.</param>
    public string Text(int start, int length)
    {
        var text = new StringBuilder(length);
        foreach (var value in _values.AsSpan(start, length))
        {
            if (value <= char.MaxValue) text.Append((char)value);
            else text.Append(new Rune(value));
        }

        return text.ToString();
    }
}
