using System.Buffers;
using System.Globalization;
using System.Text;

namespace Grainflow.Engine.Values;

/// <summary>
/// What Python's <c>str.is…</c> methods tell of one character: a code point, where half a surrogate pair counts as itself.
/// The data are .NET's categories; the tables add what Unicode defines beside the category.
/// </summary>
public static class PythonCharacters
{
    // Pairs of first and last code point, in order.
    private static readonly int[] OtherLower =
    [
        0xAA, 0xAA, 0xBA, 0xBA, 0x2B0, 0x2B8, 0x2C0, 0x2C1, 0x2E0, 0x2E4, 0x345, 0x345, 0x37A, 0x37A, 0x10FC, 0x10FC, 0x1D2C, 0x1D6A, 0x1D78, 0x1D78,
        0x1D9B, 0x1DBF, 0x2071, 0x2071, 0x207F, 0x207F, 0x2090, 0x209C, 0x2170, 0x217F, 0x24D0, 0x24E9, 0x2C7C, 0x2C7D, 0xA69C, 0xA69D, 0xA770, 0xA770,
        0xA7F2, 0xA7F4, 0xA7F8, 0xA7F9, 0xAB5C, 0xAB5F, 0xAB69, 0xAB69, 0x10780, 0x10780, 0x10783, 0x10785, 0x10787, 0x107B0, 0x107B2, 0x107BA,
        0x1E030, 0x1E06D,
    ];

    private static readonly int[] OtherUpper = [0x2160, 0x216F, 0x24B6, 0x24CF, 0x1F130, 0x1F149, 0x1F150, 0x1F169, 0x1F170, 0x1F189];

    // Punctuation inside of words, and U+1171E, which was a nonspacing mark until Unicode 16.
    private static readonly int[] OtherIgnorable =
    [
        0x27, 0x27, 0x2E, 0x2E, 0x3A, 0x3A, 0xB7, 0xB7, 0x387, 0x387, 0x55F, 0x55F, 0x5F4, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2024, 0x2027, 0x2027,
        0xFE13, 0xFE13, 0xFE52, 0xFE52, 0xFE55, 0xFE55, 0xFF07, 0xFF07, 0xFF0E, 0xFF0E, 0xFF1A, 0xFF1A, 0x1171E, 0x1171E,
    ];

    // Letters whose compatibility form is none.
    private static readonly int[] NoIdentifier =
    [
        0x37A, 0x37A, 0x2E2F, 0x2E2F, 0xFC5E, 0xFC63, 0xFDFA, 0xFDFB, 0xFE70, 0xFE70, 0xFE72, 0xFE72, 0xFE74, 0xFE74, 0xFE76, 0xFE76, 0xFE78, 0xFE78,
        0xFE7A, 0xFE7A, 0xFE7C, 0xFE7C, 0xFE7E, 0xFE7E,
    ];

    private static readonly int[] NoIdentifierStart = [0xE33, 0xE33, 0xEB3, 0xEB3, 0xFF9E, 0xFF9F];

    private static readonly int[] OtherIdentifierStart = [0x1885, 0x1886, 0x2118, 0x2118, 0x212E, 0x212E];

    private static readonly int[] OtherIdentifierPart =
        [0xB7, 0xB7, 0x387, 0x387, 0x1369, 0x1371, 0x19DA, 0x19DA, 0x200C, 0x200D, 0x2118, 0x2118, 0x212E, 0x212E, 0x30FB, 0x30FB, 0xFF65, 0xFF65];

    // Digits outside the basic plane that are not decimal; .NET tells of these only from a text.
    private static readonly int[] OtherDigits = [0x10A40, 0x10A43, 0x10E60, 0x10E68, 0x11052, 0x1105A, 0x1F100, 0x1F10A];

    // Han characters that stand for numbers; .NET has no number for them.
    private static readonly SearchValues<char> HanNumbers = SearchValues.Create("㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零");

    private static readonly int[] OtherHanNumbers =
    [
        0x20001, 0x20001, 0x20064, 0x20064, 0x200E2, 0x200E2, 0x20121, 0x20121, 0x2092A, 0x2092A, 0x20983, 0x20983, 0x2098C, 0x2098C, 0x2099C,
        0x2099C, 0x20AEA, 0x20AEA, 0x20AFD, 0x20AFD, 0x20B19, 0x20B19, 0x22390, 0x22390, 0x22998, 0x22998, 0x23B1B, 0x23B1B, 0x2626D, 0x2626D,
    ];

    /// <summary>The code point at a place of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="index">The place of its first <c>char</c>.</param>
    /// <param name="length">How many <c>char</c>s it takes: 2 for a surrogate pair, else 1.</param>
    public static int At(string text, int index, out int length)
    {
        var c = text[index];
        if (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(c, text[index + 1]);
        }

        length = 1;
        return c;
    }

    /// <summary>White space: that of Unicode, and the separators U+001C to U+001F.</summary>
    /// <param name="c">Any <c>char</c>; all white space is in the basic plane.</param>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>A letter of any script. Marks that combine with letters are none.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsAlpha(int c) => c < 0x80
        ? char.IsAsciiLetter((char)c)
        : CharUnicodeInfo.GetUnicodeCategory(c) <= UnicodeCategory.OtherLetter;

    /// <summary>A letter, or anything that stands for a number; with the underscore these are <c>\w</c> of Python's regular expressions.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsAlphanumeric(int c) => c < 0x80 ? char.IsAsciiLetterOrDigit((char)c) : IsAlpha(c) || IsNumeric(c);

    /// <summary>The value of a decimal digit of any script, or -1.</summary>
    /// <param name="c">A code point.</param>
    public static int DecimalValue(int c)
    {
        if (c < 0x80) return char.IsAsciiDigit((char)c) ? c - '0' : -1;
        return CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.DecimalDigitNumber ? (int)Rune.GetNumericValue(new Rune(c)) : -1;
    }

    /// <summary>A decimal digit, one that is raised or lowered, or one in a circle or the like.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsDigit(int c) => c <= char.MaxValue ? CharUnicodeInfo.GetDigitValue((char)c) >= 0 : DecimalValue(c) >= 0 || Holds(OtherDigits, c);

    /// <summary>Anything that stands for a number: digits, fractions, Roman and Han numerals.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsNumeric(int c)
    {
        if (c < 0x80) return char.IsAsciiDigit((char)c);
        if (c <= char.MaxValue) return CharUnicodeInfo.GetNumericValue((char)c) != -1 || HanNumbers.Contains((char)c);
        return Rune.GetNumericValue(new Rune(c)) != -1 || Holds(OtherHanNumbers, c);
    }

    /// <summary>True for what <c>repr</c> shows as it is: no control, format or private character, and no white space but the blank.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsPrintable(int c)
    {
        if (c < 0x7F) return c >= ' ';
        return CharUnicodeInfo.GetUnicodeCategory(c) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
    }

    /// <summary>True when a name may start with it.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsIdentifierStart(int c)
    {
        if (c < 0x80) return char.IsAsciiLetter((char)c) || c == '_';
        return (CharUnicodeInfo.GetUnicodeCategory(c) is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber && !Holds(NoIdentifier, c) && !Holds(NoIdentifierStart, c))
            || Holds(OtherIdentifierStart, c);
    }

    /// <summary>True when a name may hold it behind its first character.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsIdentifierPart(int c)
    {
        if (c < 0x80) return char.IsAsciiLetterOrDigit((char)c) || c == '_';
        return (CharUnicodeInfo.GetUnicodeCategory(c)
                is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation && !Holds(NoIdentifier, c))
            || Holds(OtherIdentifierPart, c);
    }

    /// <summary>A small letter, or another character of small form (<c>ª</c>, <c>ⅷ</c>, <c>ⓐ</c>).</summary>
    /// <param name="c">A code point.</param>
    public static bool IsLower(int c) => c < 0x80
        ? char.IsAsciiLetterLower((char)c)
        : CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.LowercaseLetter || Holds(OtherLower, c);

    /// <summary>A capital letter, or another character of capital form (<c>Ⅷ</c>, <c>Ⓐ</c>).</summary>
    /// <param name="c">A code point.</param>
    public static bool IsUpper(int c) => c < 0x80
        ? char.IsAsciiLetterUpper((char)c)
        : CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.UppercaseLetter || Holds(OtherUpper, c);

    /// <summary>A letter that is capital in its first half only (<c>ǅ</c>, <c>ᾼ</c>).</summary>
    /// <param name="c">A code point.</param>
    public static bool IsTitle(int c) => c >= 0x80 && CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.TitlecaseLetter;

    /// <summary>A character with case.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsCased(int c) => c < 0x80 ? char.IsAsciiLetter((char)c) : IsLower(c) || IsUpper(c) || IsTitle(c);

    /// <summary>True for what may stand in a word without being a letter of it: marks, apostrophes, format characters. Decides about the final sigma.</summary>
    /// <param name="c">A code point.</param>
    public static bool IsCaseIgnorable(int c) =>
        CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || Holds(OtherIgnorable, c);

    private static bool Holds(int[] ranges, int c)
    {
        var at = Array.BinarySearch(ranges, c);
        // An end of a range, or a place between its two ends.
        return at >= 0 || (~at & 1) == 1;
    }
}
