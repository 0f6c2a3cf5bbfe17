namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary>The options of a subcommand, each given at most once as <c>--name VALUE</c> or <c>--name=VALUE</c>.</summary>
internal sealed class OptionReader
{
    private readonly string _command;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the arguments.</summary>
    /// <param name="command">The subcommand, for messages.</param>
    /// <param name="args">The arguments after it.</param>
    /// <param name="options">The options that take a value.</param>
    /// <param name="flags">The options that take none.</param>
    /// <exception cref="CliException">An argument is not known, is there twice, or lacks its value.</exception>
    public OptionReader(string command, IReadOnlyList<string> args, IReadOnlyList<string> options, IReadOnlyList<string> flags)
    {
        _command = command;
        for (var i = 0; i < args.Count; i++)
        {
            var argument = args[i];
            var at = argument.IndexOf('=', StringComparison.Ordinal);
            var name = argument.StartsWith("--", StringComparison.Ordinal) && at > 0 ? argument[..at] : argument;
            var inline = name.Length < argument.Length ? argument[(at + 1)..] : null;
            if (flags.Contains(name, StringComparer.Ordinal))
            {
                if (inline is not null) throw Wrong($"{name} takes no value, but '{inline}' is given.");
                inline = "";
            }
            else if (!options.Contains(name, StringComparer.Ordinal))
            {
                throw Wrong(name.StartsWith('-') ? $"{name} is not an option of {command}.{Nearest.Hint(name, [.. options, .. flags])}" : $"'{name}' is one argument too many.");
            }

            var value = inline ?? (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : throw Wrong($"{name} needs a value."));
            if (!_values.TryAdd(name, value)) throw Wrong($"{name} is given twice.");
        }
    }

    /// <summary>Whether a flag is given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The value of an option, or null.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>The value of an option that must be there.</summary>
    /// <exception cref="CliException">It is not.</exception>
    public string Require(string name) => Find(name) ?? throw Wrong($"{_command} needs {name}.");

    /// <summary>A refusal that names the help.</summary>
    public static CliException Wrong(string message) => new(message + " See ./run schedule --help.", ExitCodes.Usage);
}
