using System.Collections.Frozen;
using System.Text;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text.Patterns;

/// <summary>
/// Kinds and cases of characters as Python's <c>re</c> has them, by the Unicode version of .NET. Code points that this version assigned and
/// Python's did not are letters, digits and cased here and nothing there.
/// </summary>
internal static class PatternCharacters
{
    private const int DottedCapitalI = 0x130;

    // Lower-case letters with one upper-case form. A search that ignores case takes each for all others of its text.
    private static readonly FrozenDictionary<int, string> SharedUpperCase = new[]
    {
        "i\u0131", "s\u017f", "\u00b5\u03bc", "\u0345\u03b9\u1fbe", "\u0390\u1fd3", "\u03b0\u1fe3",
        "\u03b2\u03d0", "\u03b5\u03f5", "\u03b8\u03d1", "\u03ba\u03f0", "\u03c0\u03d6", "\u03c1\u03f1", "\u03c2\u03c3", "\u03c6\u03d5",
        "\u0432\u1c80", "\u0434\u1c81", "\u043e\u1c82", "\u0441\u1c83", "\u0442\u1c84\u1c85", "\u044a\u1c86", "\u0463\u1c87", "\ua64b\u1c88",
        "\u1e61\u1e9b", "\ufb05\ufb06",
    }.SelectMany(all => all.Select(one => KeyValuePair.Create((int)one, all))).ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> Forms = Enumerable.Range(0, char.MaxValue + 1)
        .SelectMany(c => SharedUpperCase.GetValueOrDefault(Lower(c), char.ToString((char)Lower(c))).Select(lower => (Lower: (int)lower, Letter: (char)c)))
        .GroupBy(pair => pair.Lower, pair => pair.Letter)
        .Where(letters => letters.Skip(1).Any())
        .ToFrozenDictionary(letters => letters.Key, letters => string.Concat(letters));

    /// <summary>What <c>\w</c> matches: letters and numbers of any script, and the underscore.</summary>
    public static bool IsWord(int c, bool ascii) => c == '_' || (c < 0x80 ? char.IsAsciiLetterOrDigit((char)c) : !ascii && PythonCharacters.IsAlphanumeric(c));

    /// <summary>What <c>\d</c> matches: decimal digits.</summary>
    public static bool IsDigit(int c, bool ascii) => c < 0x80 ? char.IsAsciiDigit((char)c) : !ascii && PythonCharacters.DecimalValue(c) >= 0;

    /// <summary>What <c>\s</c> matches. The separators U+001C to U+001F are no white space in ASCII.</summary>
    public static bool IsSpace(int c, bool ascii) => ascii ? c is ' ' or (>= '\t' and <= '\r') : c <= char.MaxValue && PythonCharacters.IsSpace((char)c);

    /// <summary>The lower-case form where it is one code point.</summary>
    public static int Lower(int c)
    {
        if (c < 0x80) return char.ToLowerInvariant((char)c);
        if (c == DottedCapitalI) return 'i';
        return Rune.TryCreate(c, out var rune) ? Rune.ToLowerInvariant(rune).Value : c;
    }

    public static int LowerAscii(int c) => c is >= 'A' and <= 'Z' ? c + ('a' - 'A') : c;

    /// <summary>The upper-case form where it is one code point.</summary>
    public static int Upper(int c) => Rune.TryCreate(c, out var rune) ? Rune.ToUpperInvariant(rune).Value : c;

    /// <summary>The letters up to U+FFFF that are the given one when case is ignored, itself included; empty when there are no others.</summary>
    /// <param name="lower">A lower-case letter.</param>
    public static string FormsOf(int lower) => Forms.GetValueOrDefault(lower, "");
}
