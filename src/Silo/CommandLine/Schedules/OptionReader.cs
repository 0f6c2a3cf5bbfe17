namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary>The options of a subcommand, as <c>--name VALUE</c> or <c>--name=VALUE</c>, and its other arguments.</summary>
internal sealed class OptionReader
{
    /// <summary>The option of <c>./run</c> that the script reads; each subcommand accepts it.</summary>
    private const string Data = "--data";

    private readonly string _command;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<CliInput> _inputs = [];
    private readonly List<string> _arguments = [];

    /// <summary>Reads the arguments.</summary>
    /// <param name="command">The subcommand, for messages.</param>
    /// <param name="args">The arguments after it.</param>
    /// <param name="options">The options that take a value, each at most once; <c>--input</c> takes any number of <c>NAME=VALUE</c>.</param>
    /// <param name="flags">The options that take none.</param>
    /// <param name="argument">What the one argument is that is no option, for messages; null when there is none.</param>
    /// <exception cref="CliException">An argument is not known, is there twice, or lacks its value.</exception>
    public OptionReader(string command, IReadOnlyList<string> args, IReadOnlyList<string> options, IReadOnlyList<string> flags, string? argument = null)
    {
        _command = command;
        for (var i = 0; i < args.Count; i++)
        {
            var at = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = args[i].StartsWith("--", StringComparison.Ordinal) && at > 0 ? args[i][..at] : args[i];
            var inline = name.Length < args[i].Length ? args[i][(at + 1)..] : null;
            if (name == "--input" && options.Contains(name, StringComparer.Ordinal))
            {
                var before = _inputs.Count;
                if (inline is not null) _inputs.Add(CliInput.Parse(inline));
                while (inline is null && i + 1 < args.Count && CliInput.Looks(args[i + 1])) _inputs.Add(CliInput.Parse(args[++i]));
                if (_inputs.Count == before) throw Wrong("--input needs NAME=VALUE.");
                continue;
            }

            if (flags.Contains(name, StringComparer.Ordinal))
            {
                if (inline is not null) throw Wrong($"{name} takes no value, but '{inline}' is given.");
                inline = "";
            }
            else if (name != Data && !options.Contains(name, StringComparer.Ordinal))
            {
                if (name.StartsWith('-')) throw Wrong($"{name} is not an option of {command}.{Nearest.Hint(name, [.. options, .. flags])}");
                if (argument is null || _arguments.Count > 0) throw Wrong($"'{name}' is one argument too many.");
                _arguments.Add(name);
                continue;
            }

            var value = inline ?? (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : throw Wrong($"{name} needs a value."));
            if (!_values.TryAdd(name, value)) throw Wrong($"{name} is given twice.");
        }

        if (argument is not null && _arguments.Count == 0) throw Wrong($"{command} needs {argument}.");
    }

    /// <summary>The argument that is no option.</summary>
    public string Argument => _arguments[0];

    /// <summary>The inputs of the agent.</summary>
    public IReadOnlyList<CliInput> Inputs => _inputs;

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
