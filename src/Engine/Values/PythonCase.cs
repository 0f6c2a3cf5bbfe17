using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Grainflow.Engine.Values;

/// <summary>
/// Upper, lower and title case as Python's <c>str</c> methods give them: Unicode's full mappings without regard to a language, in which one
/// character may become up to three (<c>ß</c> becomes <c>SS</c>). .NET has the simple mappings only; the table has the others.
/// </summary>
public static class PythonCase
{
    private const char CapitalIota = '\u0399';
    private const char CapitalSigma = '\u03A3';

    // A character, then its upper case. The reference has Unicode 15.1: U+019B and U+0264 got capitals later, which .NET knows (docs/adr/0020).
    private const string FullUpperTable =
        "\u00DFSS,\u0131I,\u0149\u02BCN,\u017FS,\u019B\u019B,\u01F0J\u030C,\u0264\u0264,\u0390\u0399\u0308\u0301,\u03B0\u03A5\u0308\u0301,\u0587\u0535\u0552," +
        "\u1E96H\u0331,\u1E97T\u0308,\u1E98W\u030A,\u1E99Y\u030A,\u1E9AA\u02BE,\u1F50\u03A5\u0313,\u1F52\u03A5\u0313\u0300,\u1F54\u03A5\u0313\u0301," +
        "\u1F56\u03A5\u0313\u0342,\u1F80\u1F08\u0399,\u1F81\u1F09\u0399,\u1F82\u1F0A\u0399,\u1F83\u1F0B\u0399,\u1F84\u1F0C\u0399,\u1F85\u1F0D\u0399," +
        "\u1F86\u1F0E\u0399,\u1F87\u1F0F\u0399,\u1F88\u1F08\u0399,\u1F89\u1F09\u0399,\u1F8A\u1F0A\u0399,\u1F8B\u1F0B\u0399,\u1F8C\u1F0C\u0399," +
        "\u1F8D\u1F0D\u0399,\u1F8E\u1F0E\u0399,\u1F8F\u1F0F\u0399,\u1F90\u1F28\u0399,\u1F91\u1F29\u0399,\u1F92\u1F2A\u0399,\u1F93\u1F2B\u0399," +
        "\u1F94\u1F2C\u0399,\u1F95\u1F2D\u0399,\u1F96\u1F2E\u0399,\u1F97\u1F2F\u0399,\u1F98\u1F28\u0399,\u1F99\u1F29\u0399,\u1F9A\u1F2A\u0399," +
        "\u1F9B\u1F2B\u0399,\u1F9C\u1F2C\u0399,\u1F9D\u1F2D\u0399,\u1F9E\u1F2E\u0399,\u1F9F\u1F2F\u0399,\u1FA0\u1F68\u0399,\u1FA1\u1F69\u0399," +
        "\u1FA2\u1F6A\u0399,\u1FA3\u1F6B\u0399,\u1FA4\u1F6C\u0399,\u1FA5\u1F6D\u0399,\u1FA6\u1F6E\u0399,\u1FA7\u1F6F\u0399,\u1FA8\u1F68\u0399," +
        "\u1FA9\u1F69\u0399,\u1FAA\u1F6A\u0399,\u1FAB\u1F6B\u0399,\u1FAC\u1F6C\u0399,\u1FAD\u1F6D\u0399,\u1FAE\u1F6E\u0399,\u1FAF\u1F6F\u0399," +
        "\u1FB2\u1FBA\u0399,\u1FB3\u0391\u0399,\u1FB4\u0386\u0399,\u1FB6\u0391\u0342,\u1FB7\u0391\u0342\u0399,\u1FBC\u0391\u0399,\u1FC2\u1FCA\u0399," +
        "\u1FC3\u0397\u0399,\u1FC4\u0389\u0399,\u1FC6\u0397\u0342,\u1FC7\u0397\u0342\u0399,\u1FCC\u0397\u0399,\u1FD2\u0399\u0308\u0300," +
        "\u1FD3\u0399\u0308\u0301,\u1FD6\u0399\u0342,\u1FD7\u0399\u0308\u0342,\u1FE2\u03A5\u0308\u0300,\u1FE3\u03A5\u0308\u0301,\u1FE4\u03A1\u0313," +
        "\u1FE6\u03A5\u0342,\u1FE7\u03A5\u0308\u0342,\u1FF2\u1FFA\u0399,\u1FF3\u03A9\u0399,\u1FF4\u038F\u0399,\u1FF6\u03A9\u0342,\u1FF7\u03A9\u0342\u0399," +
        "\u1FFC\u03A9\u0399,\uFB00FF,\uFB01FI,\uFB02FL,\uFB03FFI,\uFB04FFL,\uFB05ST,\uFB06ST,\uFB13\u0544\u0546,\uFB14\u0544\u0535,\uFB15\u0544\u053B," +
        "\uFB16\u054E\u0546,\uFB17\u0544\u053D";

    private static readonly FrozenDictionary<char, string> FullUpper = FullUpperTable.Split(',').ToFrozenDictionary(entry => entry[0], entry => entry[1..]);
    private static readonly SearchValues<char> HaveFullUpper = SearchValues.Create([.. FullUpper.Keys]);
    private static readonly SearchValues<char> HaveFullLower = SearchValues.Create("\u0130\u03A3");

    /// <summary>Python's <c>upper</c>.</summary>
    /// <param name="text">Any text.</param>
    public static string Upper(string text)
    {
        var upper = text.ToUpperInvariant();
        var at = text.AsSpan().IndexOfAny(HaveFullUpper);
        if (at < 0) return upper;
        var result = new StringBuilder(text.Length + 16);
        var from = 0;
        while (at >= 0)
        {
            // Simple mappings keep the number of chars, so places in both texts are the same.
            result.Append(upper, from, at - from).Append(FullUpper[text[at]]);
            from = at + 1;
            at = text.AsSpan(from).IndexOfAny(HaveFullUpper) is var next and >= 0 ? from + next : -1;
        }

        return result.Append(upper, from, upper.Length - from).ToString();
    }

    /// <summary>Python's <c>lower</c>: a capital sigma at the end of a word becomes <c>ς</c>.</summary>
    /// <param name="text">Any text.</param>
    public static string Lower(string text) => Lower(text, 0);

    /// <summary>Python's <c>capitalize</c>: the first character in title case, the others in lower case.</summary>
    /// <param name="text">Any text.</param>
    public static string Capitalize(string text)
    {
        if (text.Length == 0) return text;
        var first = PythonCharacters.At(text, 0, out var length);
        var result = new StringBuilder(text.Length + 2);
        AppendTitle(result, first);
        return result.Append(Lower(text, length)).ToString();
    }

    /// <summary>Python's <c>title</c>: a character with case is in title case, unless it follows another one with case.</summary>
    /// <param name="text">Any text.</param>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        var inWord = false;
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            if (inWord) AppendLower(result, text, i, c);
            else AppendTitle(result, c);
            inWord = PythonCharacters.IsCased(c);
            i += length;
        }

        return result.ToString();
    }

    /// <summary>Python's <c>swapcase</c>.</summary>
    /// <param name="text">Any text.</param>
    public static string SwapCase(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            if (PythonCharacters.IsUpper(c)) AppendLower(result, text, i, c);
            else if (PythonCharacters.IsLower(c)) AppendUpper(result, c);
            else result.Append(text, i, length);
            i += length;
        }

        return result.ToString();
    }

    /// <summary>Python's <c>casefold</c>: what texts that differ in case only have in common.</summary>
    /// <param name="text">Any text.</param>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text)) return text.ToLowerInvariant();
        var result = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            AppendFolded(result, c);
            i += length;
        }

        return result.ToString();
    }

    /// <summary>Python's <c>islower</c>: some characters of small form, none of capital or title form.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsLower(string text) => IsOnly(text, PythonCharacters.IsLower, PythonCharacters.IsUpper);

    /// <summary>Python's <c>isupper</c>: some characters of capital form, none of small or title form.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsUpper(string text) => IsOnly(text, PythonCharacters.IsUpper, PythonCharacters.IsLower);

    /// <summary>Python's <c>istitle</c>: each word, and there is one, starts with its only capital.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsTitle(string text)
    {
        var (any, inWord) = (false, false);
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            i += length;
            if (PythonCharacters.IsUpper(c) || PythonCharacters.IsTitle(c))
            {
                if (inWord) return false;
                any = inWord = true;
            }
            else if (PythonCharacters.IsLower(c))
            {
                if (!inWord) return false;
            }
            else
            {
                inWord = false;
            }
        }

        return any;
    }

    private static bool IsOnly(string text, Func<int, bool> wanted, Func<int, bool> unwanted)
    {
        var any = false;
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            i += length;
            if (unwanted(c) || PythonCharacters.IsTitle(c)) return false;
            any = any || wanted(c);
        }

        return any;
    }

    // The lower case of what follows a place; a sigma there also looks at what stands before it.
    private static string Lower(string text, int start)
    {
        var lower = text.ToLowerInvariant();
        var at = IndexOfFullLower(text, start);
        if (at < 0) return start == 0 ? lower : lower[start..];
        var result = new StringBuilder(text.Length + 16);
        var from = start;
        while (at >= 0)
        {
            result.Append(lower, from, at - from);
            AppendLower(result, text, at, text[at]);
            from = at + 1;
            at = IndexOfFullLower(text, from);
        }

        return result.Append(lower, from, lower.Length - from).ToString();
    }

    private static int IndexOfFullLower(string text, int start) => text.AsSpan(start).IndexOfAny(HaveFullLower) is var at and >= 0 ? start + at : -1;

    private static void AppendLower(StringBuilder into, string text, int at, int c)
    {
        if (c == CapitalSigma) into.Append(EndsWord(text, at) ? 'ς' : 'σ');
        else if (c == '\u0130') into.Append("i\u0307");
        else if (c <= char.MaxValue) into.Append(char.ToLowerInvariant((char)c));
        else Append(into, Rune.ToLowerInvariant(new Rune(c)).Value);
    }

    private static void AppendUpper(StringBuilder into, int c)
    {
        if (c > char.MaxValue) Append(into, Rune.ToUpperInvariant(new Rune(c)).Value);
        else if (c >= 0x80 && FullUpper.TryGetValue((char)c, out var full)) into.Append(full);
        else into.Append(char.ToUpperInvariant((char)c));
    }

    private static void AppendTitle(StringBuilder into, int c)
    {
        if (c is < 0x80 or > char.MaxValue)
        {
            AppendUpper(into, c);
            return;
        }

        var upper = char.ToUpperInvariant((char)c);
        if (PythonCharacters.IsTitle(upper)) into.Append(upper);
        else if (c is >= 0x1C4 and <= 0x1CC) into.Append((char)(0x1C5 + ((c - 0x1C4) / 3 * 3)));
        else if (c is >= 0x1F1 and <= 0x1F3) into.Append('\u01F2');
        else if (c is >= 0x10D0 and <= 0x10FF) into.Append((char)c);
        else if (!FullUpper.TryGetValue((char)c, out var full)) into.Append(upper);
        else if (c == '\u0149') into.Append(full);
        else AppendTitle(into, full);
    }

    // Several characters for one: all but the first in lower case, with the iota below the letter and not beside it.
    private static void AppendTitle(StringBuilder into, string upper)
    {
        into.Append(upper[0]);
        foreach (var c in upper.AsSpan(1)) into.Append(c == CapitalIota ? '\u0345' : char.ToLowerInvariant(c));
    }

    // The lower case of the upper case, but for a few letters.
    private static void AppendFolded(StringBuilder into, int c)
    {
        if (c > char.MaxValue) Append(into, Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(c))).Value);
        else if (c is >= 0x13A0 and <= 0x13FF or >= 0xAB70 and <= 0xABBF) into.Append(char.ToUpperInvariant((char)c));
        else if (c == '\u1E9E') into.Append("ss");
        else if (c == '\u0130') into.Append("i\u0307");
        else if (c == '\u0131') into.Append('\u0131');
        else if (!FullUpper.TryGetValue((char)c, out var full)) into.Append(char.ToLowerInvariant(char.ToUpperInvariant((char)c)));
        else foreach (var upper in full) into.Append(char.ToLowerInvariant(upper));
    }

    // Unicode's condition Final_Sigma: a character with case before it and none behind it, not counting those that case ignores.
    private static bool EndsWord(string text, int at)
    {
        var before = at;
        int c;
        do
        {
            if (before == 0) return false;
            before -= before >= 2 && char.IsSurrogatePair(text[before - 2], text[before - 1]) ? 2 : 1;
            c = PythonCharacters.At(text, before, out _);
        }
        while (PythonCharacters.IsCaseIgnorable(c));

        if (!PythonCharacters.IsCased(c)) return false;
        var length = 1;
        for (var after = at + 1; after < text.Length; after += length)
        {
            c = PythonCharacters.At(text, after, out length);
            if (!PythonCharacters.IsCaseIgnorable(c)) return !PythonCharacters.IsCased(c);
        }

        return true;
    }

    private static void Append(StringBuilder into, int supplementary)
    {
        Span<char> pair = stackalloc char[2];
        into.Append(pair[..new Rune(supplementary).EncodeToUtf16(pair)]);
    }
}
