using System.Text;
using Grainflow.Engine.Values;

namespace Grainflow.Templates.Values;

/// <summary>Texts counted in code points, as Python counts them; .NET counts those beyond U+FFFF twice.</summary>
internal static class CodePoints
{
    public static int Count(ReadOnlySpan<char> text)
    {
        var length = text.Length;
        for (var at = text.IndexOfAnyInRange('\ud800', '\udbff'); at >= 0 && at + 1 < text.Length; at = text.IndexOfAnyInRange('\ud800', '\udbff'))
        {
            var isPair = char.IsLowSurrogate(text[at + 1]);
            if (isPair) length--;
            text = text[(at + (isPair ? 2 : 1))..];
        }

        return length;
    }

    public static IEnumerable<object> Each(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            PythonCharacters.At(text, i, out var length);
            yield return text.Substring(i, length);
            i += length;
        }
    }

    /// <summary>True when every character has a property; also for the empty text.</summary>
    public static bool All(string text, Func<int, bool> holds)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!holds(PythonCharacters.At(text, i, out var length))) return false;
            i += length;
        }

        return true;
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

        var starts = new List<int>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            starts.Add(i);
            PythonCharacters.At(text, i, out var length);
            i += length;
        }

        foreach (var place in places)
        {
            PythonCharacters.At(text, starts[place], out var length);
            builder.Append(text, starts[place], length);
        }

        return builder.ToString();
    }

    /// <summary>The character count of what stands before a position of .NET.</summary>
    public static int CountBefore(string text, int position) => Count(text.AsSpan(0, position));

    /// <summary>The .NET position of a character.</summary>
    public static int Offset(string text, int place)
    {
        var offset = 0;
        for (; place > 0 && offset < text.Length; place--)
        {
            PythonCharacters.At(text, offset, out var length);
            offset += length;
        }

        return offset;
    }

    private static bool HasSurrogates(string text) => text.AsSpan().ContainsAnyInRange('\ud800', '\udfff');
}
