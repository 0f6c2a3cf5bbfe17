namespace Grainflow.Silo.CommandLine;

/// <summary>One <c>NAME=VALUE</c> or <c>NAME:=JSON</c>.</summary>
/// <param name="Name">An input, or a pin of a starting node.</param>
/// <param name="Value">The text after the sign.</param>
/// <param name="IsJson">True for <c>:=</c>.</param>
internal sealed record CliInput(string Name, string Value, bool IsJson)
{
    /// <summary>True for an argument that can be an input: it has an equals sign and is not an option.</summary>
    public static bool Looks(string argument) => !argument.StartsWith("--", StringComparison.Ordinal) && argument.Contains('=', StringComparison.Ordinal);

    /// <summary>Splits an argument at its first equals sign.</summary>
    /// <exception cref="CliException">It has no name, or no equals sign.</exception>
    public static CliInput Parse(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (at < 1 || (at == 1 && text[0] == ':')) throw new CliException($"--input {text}: it must be NAME=VALUE or NAME:=JSON.", ExitCodes.Usage);
        return text[at - 1] == ':'
            ? new CliInput(text[..(at - 1)], text[(at + 1)..], IsJson: true)
            : new CliInput(text[..at], text[(at + 1)..], IsJson: false);
    }
}
