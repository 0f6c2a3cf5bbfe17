namespace Grainflow.Silo.CommandLine;

/// <summary>Text in messages that the user can copy into a shell.</summary>
internal static class ShellText
{
    /// <summary>The text in single quotes where a shell would change it, as the brackets of an IPv6 address.</summary>
    public static string Quote(string text) =>
        text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || "/:.,_-=+@%".Contains(character, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
