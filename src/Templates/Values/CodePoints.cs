using System.Text;

namespace Grainflow.Templates.Values;

/// <summary>Texts counted in characters as Python counts them; .NET counts those beyond U+FFFF twice.</summary>
internal static class CodePoints
{
    public static int Count(string text) => HasSurrogates(text) ? text.EnumerateRunes().Count() : text.Length;

    public static IEnumerable<object> Each(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                yield return text.Substring(i, 2);
                i++;
            }
            else
            {
                yield return text[i].ToString();
            }
        }
    }

    /// <summary>The characters from start (included) to end (not included), both within the text.</summary>
    public static string Range(string text, int start, int end) =>
        HasSurrogates(text) ? text[Offset(text, start)..Offset(text, end)] : text[start..end];

    /// <summary>The characters at these places, in that order.</summary>
    public static string Pick(string text, IReadOnlyList<int> places)
    {
        var builder = new StringBuilder(places.Count);
        if (!HasSurrogates(text))
        {
            foreach (var place in places) builder.Append(text[place]);
            return builder.ToString();
        }

        var all = Each(text).ToList();
        foreach (var place in places) builder.Append((string)all[place]);
        return builder.ToString();
    }

    /// <summary>The character count of what stands before a position of .NET.</summary>
    public static int CountBefore(string text, int position) => Count(text[..position]);

    /// <summary>The .NET position of a character.</summary>
    public static int Offset(string text, int place)
    {
        var offset = 0;
        for (; place > 0 && offset < text.Length; place--)
            offset += char.IsHighSurrogate(text[offset]) && offset + 1 < text.Length && char.IsLowSurrogate(text[offset + 1]) ? 2 : 1;
        return offset;
    }

    private static bool HasSurrogates(string text) => text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0;
}
