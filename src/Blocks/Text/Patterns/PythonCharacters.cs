using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Grainflow.Blocks.Text.Patterns;

/// <summary>
/// Properties of code points as Python's <c>re</c> and <c>str</c> have them, by the Unicode version of .NET. Code points that this
/// version assigned and Python's did not are letters, digits and cased here and nothing there.
/// </summary>
internal static class PythonCharacters
{
    private const int DottedCapitalI = 0x130;

    // Unicode's corrections of the rule by categories (ID_Start and ID_Continue, then their closure under compatibility forms).
    private const string StartsName = "\u1885\u1886\u2118\u212e";
    private const string ContinuesName = StartsName + "\u00b7\u0387\u1369\u136a\u136b\u136c\u136d\u136e\u136f\u1370\u1371\u19da\u200c\u200d\u30fb\uff65";
    private const string NeverInName = "\u037a\u2e2f\ufc5e\ufc5f\ufc60\ufc61\ufc62\ufc63\ufdfa\ufdfb\ufe70\ufe72\ufe74\ufe76\ufe78\ufe7a\ufe7c\ufe7e";
    private const string NotFirstInName = NeverInName + "\u0e33\u0eb3\uff9e\uff9f";

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

    /// <summary>A letter or a number of any script, or the underscore. Marks that combine with a letter are none.</summary>
    public static bool IsWord(int c, bool ascii)
    {
        if (c < 0x80) return char.IsAsciiLetterOrDigit((char)c) || c == '_';
        return !ascii && CharUnicodeInfo.GetUnicodeCategory(c) is <= UnicodeCategory.OtherLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
    }

    public static bool IsDigit(int c, bool ascii) => c < 0x80 ? char.IsAsciiDigit((char)c) : !ascii && CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.DecimalDigitNumber;

    /// <summary>White space; beside Unicode's the four separators U+001C to U+001F, unless only ASCII counts.</summary>
    public static bool IsSpace(int c, bool ascii)
    {
        if (c is ' ' or (>= '\t' and <= '\r')) return true;
        return !ascii && c <= char.MaxValue && (char.IsWhiteSpace((char)c) || c is >= 0x1c and <= 0x1f);
    }

    public static bool IsLetter(int c) => CharUnicodeInfo.GetUnicodeCategory(c) <= UnicodeCategory.OtherLetter;

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

    /// <summary>Whether a text may name a group: <c>str.isidentifier</c>.</summary>
    /// <param name="name">Any text.</param>
    public static bool IsName(CodePoints name)
    {
        for (var i = 0; i < name.Length; i++)
            if (!(i == 0 ? MayStartName(name[i]) : MayContinueName(name[i]))) return false;
        return name.Length > 0;
    }

    private static bool MayStartName(int c) =>
        (c == '_' || IsIn(StartsName, c) || CharUnicodeInfo.GetUnicodeCategory(c) is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber)
        && !IsIn(NotFirstInName, c);

    private static bool MayContinueName(int c) => (IsIn(ContinuesName, c) || CharUnicodeInfo.GetUnicodeCategory(c) is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation) && !IsIn(NeverInName, c);

    private static bool IsIn(string characters, int c) => c <= char.MaxValue && characters.Contains((char)c, StringComparison.Ordinal);
}
