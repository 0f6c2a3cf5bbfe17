using System.Text;
using System.Text.RegularExpressions;

namespace Grainflow.Engine.Monitoring;

/// <summary>
/// Takes out of the text of an error what differs from one failure to the next, so that like ones form a group and an alert shows little of a user's data (contract:
/// semantics 9.2, in its order). Digits go first, so the rules of UUIDs and hexadecimal text match only what has no digit; the contract calls that harmless.
/// </summary>
public static partial class ErrorMask
{
    /// <summary>The most characters of a masked text.</summary>
    public const int MostCharacters = 100;

    /// <summary>Texts are cut here before they are masked, so that the cost of a text is bounded.</summary>
    private const int MostRead = 2000;

    /// <summary>The masked text, at most <see cref="MostCharacters"/> characters.</summary>
    /// <param name="error">The text of an error.</param>
    public static string Apply(string error)
    {
        var text = error.Length <= MostRead ? error : error[..(char.IsHighSurrogate(error[MostRead - 1]) ? MostRead - 1 : MostRead)];
        text = Digits().Replace(text, "X");
        text = Capitals().Replace(text, "MASKED");
        text = SnakeCase().Replace(text, "MASKED");
        text = Uuid().Replace(text, "UUID");
        text = Hexadecimal().Replace(text, "HASH");
        text = FilePath().Replace(text, "/PATH");
        text = Url().Replace(text, "URL");
        text = MailAddress().Replace(text, "EMAIL");
        var runes = text.EnumerateRunes().Take(MostCharacters + 1).ToList();
        if (runes.Count <= MostCharacters) return text;
        var cut = new StringBuilder();
        foreach (var rune in runes.Take(MostCharacters - 3)) cut.Append(rune);
        return cut.Append("...").ToString();
    }

    [GeneratedRegex(@"\d+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\b[A-Z]{3,}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Capitals();

    [GeneratedRegex(@"\b\w*_\w*\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SnakeCase();

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\b[0-9a-fA-F]{20,}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"(/[^/\s]+)+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FilePath();

    [GeneratedRegex(@"https?:/\S*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Url();

    [GeneratedRegex(@"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex MailAddress();
}
