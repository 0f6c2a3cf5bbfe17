using System.Collections.Immutable;
using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.CommandLine;

/// <summary>The arguments of the command line.</summary>
internal sealed record CliOptions
{
    /// <summary>The path of the agent, or null for the server.</summary>
    public string? AgentFile { get; init; }

    /// <summary>The inputs of the agent, in the order given.</summary>
    public ImmutableArray<CliInput> Inputs { get; init; } = [];

    /// <summary>The credentials of the agent: each a provider and the path of a file.</summary>
    public ImmutableArray<CliInput> Credentials { get; init; } = [];

    /// <summary>True for a run without effects, credentials and charges.</summary>
    public bool DryRun { get; init; }

    /// <summary>The most credits that the run may spend, or null for no budget.</summary>
    public int? MaxCost { get; init; }

    /// <summary>True to print what the run would cost, and not to run it.</summary>
    public bool Estimate { get; init; }

    /// <summary>The path of the scenario, or null for a run with real services.</summary>
    public string? ScenarioFile { get; init; }

    /// <summary>The name of the only case to run, or null for all cases of the agent.</summary>
    public string? Case { get; init; }

    /// <summary>True to print nothing but the result.</summary>
    public bool JsonOnly { get; init; }

    /// <summary>True to bring the database to the schema of this program, and to do nothing else.</summary>
    public bool Migrate { get; init; }

    /// <summary>True to compare the ledger with wallets and payments, and to do nothing else.</summary>
    public bool Reconcile { get; init; }

    /// <summary>True to seal all data keys by the current encryption key, and to do nothing else.</summary>
    public bool RotateKeys { get; init; }

    /// <summary>True to print the reference of the blocks, and to do nothing else.</summary>
    public bool ListBlocks { get; init; }

    /// <summary>The port of the server, or null for that of the settings.</summary>
    public int? Port { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="CliException">An argument is not known, lacks its value, or does not fit the others.</exception>
    public static CliOptions Parse(IReadOnlyList<string> args)
    {
        var options = new CliOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            string Value() => inline ?? (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal)
                ? args[++i]
                : throw Wrong($"{name} needs a value."));
            void RequireNoValue()
            {
                if (inline is not null) throw Wrong($"{name} takes no value, but '{inline}' is given.");
            }

            switch (name)
            {
                case "--json":
                    RequireNoValue();
                    options = options with { JsonOnly = true };
                    break;
                case "--migrate":
                    RequireNoValue();
                    options = options with { Migrate = true };
                    break;
                case "--reconcile":
                    RequireNoValue();
                    options = options with { Reconcile = true };
                    break;
                case "--rotate-keys":
                    RequireNoValue();
                    options = options with { RotateKeys = true };
                    break;
                case "--list-blocks":
                    RequireNoValue();
                    options = options with { ListBlocks = true };
                    break;
                case "--dry-run":
                    RequireNoValue();
                    options = options with { DryRun = true };
                    break;
                case "--credential":
                    var credential = Value();
                    var at = credential.IndexOf('=', StringComparison.Ordinal);
                    if (at < 1 || at == credential.Length - 1) throw Wrong($"--credential {credential[..Math.Max(at, 0)]}: it must be PROVIDER=FILE, and not the secret itself.");
                    options = options with { Credentials = options.Credentials.Add(new CliInput(credential[..at], credential[(at + 1)..], IsJson: false)) };
                    break;
                case "--estimate":
                    RequireNoValue();
                    options = options with { Estimate = true };
                    break;
                case "--max-cost":
                    var most = Value();
                    options = options with { MaxCost = (int?)SettingsMap.ToNumber(most, 0, int.MaxValue) ?? throw Wrong($"--max-cost {most}: it is a number of credits, 0 or more.") };
                    break;
                case "--data":
                    // Read by the script, which starts the database in that folder.
                    Value();
                    break;
                case "--scenario":
                    options = options with { ScenarioFile = Value() };
                    break;
                case "--case":
                    options = options with { Case = Value() };
                    break;
                case "--port":
                    var port = Value();
                    options = options with { Port = (int?)SettingsMap.ToNumber(port, 1, 65535) ?? throw Wrong($"--port {port}: a port is a number from 1 to 65535.") };
                    break;
                case "--input":
                    var inputs = inline is null ? ImmutableArray<CliInput>.Empty : [CliInput.Parse(inline)];
                    while (inline is null && i + 1 < args.Count && CliInput.Looks(args[i + 1])) inputs = inputs.Add(CliInput.Parse(args[++i]));
                    if (inputs.IsEmpty) throw Wrong("--input needs NAME=VALUE.");
                    options = options with { Inputs = options.Inputs.AddRange(inputs) };
                    break;
                case var unknown when unknown.StartsWith('-'):
                    throw Wrong($"{unknown} is not an option.");
                default:
                    if (options.AgentFile is not null) throw Wrong($"'{args[i]}' is one argument too many: the agent is {options.AgentFile}. An input is given by --input NAME=VALUE.");
                    options = options with { AgentFile = args[i] };
                    break;
            }
        }

        if (options.AgentFile is null && (options.Inputs.Length > 0 || options.ScenarioFile is not null || options.Estimate || options.DryRun || options.MaxCost is not null || options.Credentials.Length > 0))
            throw Wrong("--input, --credential, --max-cost, --estimate, --dry-run and --scenario need an agent: ./run AGENT.json ...");
        if (options is { ScenarioFile: not null } and ({ Estimate: true } or { MaxCost: not null })) throw Wrong("--scenario goes without --estimate and --max-cost: a scenario spends no credits.");
        if (options is { ScenarioFile: not null } and ({ DryRun: true } or { Credentials.IsEmpty: false })) throw Wrong("--scenario goes without --dry-run and --credential: its services are scripted.");
        if (options is { DryRun: true } and ({ Estimate: true } or { MaxCost: not null } or { Credentials.IsEmpty: false }))
            throw Wrong("--dry-run goes without --estimate, --max-cost and --credential: it spends nothing and uses no credentials.");
        if (options is { Migrate: true, AgentFile: not null } or { Migrate: true, Port: not null }) throw Wrong("--migrate runs nothing: it goes without an agent and without --port.");
        if (options.RotateKeys && (options.AgentFile is not null || options.Port is not null || options.Migrate || options.Reconcile))
            throw Wrong("--rotate-keys runs nothing: it goes without an agent, without --port, without --migrate and without --reconcile.");
        if (options is { Reconcile: true, AgentFile: not null } or { Reconcile: true, Port: not null } or { Reconcile: true, Migrate: true })
            throw Wrong("--reconcile runs nothing: it goes without an agent, without --port and without --migrate.");
        if (options.ListBlocks && args.Count > 1) throw Wrong("--list-blocks runs nothing: it goes alone.");
        if (options is { Case: not null, ScenarioFile: null }) throw Wrong("--case needs --scenario FILE.");
        if (options is { ScenarioFile: not null, Inputs.IsEmpty: false }) throw Wrong("--input and --scenario exclude each other: the inputs of a case stand in the scenario.");
        return options;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var at = argument.IndexOf('=', StringComparison.Ordinal);
        return argument.StartsWith("--", StringComparison.Ordinal) && at > 0 ? (argument[..at], argument[(at + 1)..]) : (argument, null);
    }

    private static CliException Wrong(string message) => new(message + " See ./run --help.", ExitCodes.Usage);
}
