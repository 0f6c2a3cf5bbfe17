using Grainflow.Engine.Scheduling;

namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary><c>./run schedule SUBCOMMAND</c>. Nothing here starts a database or a server: schedules are kept by a server that runs.</summary>
internal static class ScheduleCommand
{
    /// <summary>The first argument, by which the command is known. An agent file of this name is run as <c>./schedule</c>.</summary>
    public const string Name = "schedule";

    private static readonly string[] Subcommands = ["preview", "add", "list", "history", "pause", "resume", "trigger", "remove"];

    /// <summary>Carries out a subcommand.</summary>
    /// <param name="args">The arguments after <see cref="Name"/>.</param>
    /// <param name="console">Where it prints, and what it reads.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted.</param>
    /// <returns>An exit code.</returns>
    /// <exception cref="CliException">The command line is wrong, no server runs, or it has refused the command.</exception>
    public static async Task<int> RunAsync(string[] args, ScheduleConsole console, CancellationToken cancellationToken) => args switch
    {
        ["preview", .. var rest] => PreviewCommand.Run(rest, console.Output, console.Errors, console.Zones, console.Clock),
        ["add", .. var rest] => await AddCommand.RunAsync(rest, console, cancellationToken),
        ["list", .. var rest] => await KeptSchedules.ListAsync(rest, console, cancellationToken),
        ["history", .. var rest] => await KeptSchedules.HistoryAsync(rest, console, cancellationToken),
        ["pause" or "resume" or "trigger" or "remove", .. var rest] => await KeptSchedules.ChangeAsync(args[0], rest, console, cancellationToken),
        [] => throw OptionReader.Wrong($"./run schedule needs a subcommand: {string.Join(", ", Subcommands)}."),
        [var unknown, ..] => throw OptionReader.Wrong($"'{unknown}' is not a subcommand of ./run schedule.{Nearest.Hint(unknown, Subcommands)}"),
    };
}

/// <summary>What the subcommands of <c>./run schedule</c> print to, and what they read.</summary>
/// <param name="Output">Takes the result.</param>
/// <param name="Errors">Takes warnings.</param>
/// <param name="Zones">The time zones.</param>
/// <param name="Clock">Says what the time is.</param>
/// <param name="Variable">Looks up environment variables.</param>
internal sealed record ScheduleConsole(TextWriter Output, TextWriter Errors, TimeZones Zones, TimeProvider Clock, Func<string, string?> Variable);
