using Grainflow.Engine.Scheduling;

namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary><c>./run schedule SUBCOMMAND</c>. Nothing here starts a database or a server.</summary>
internal static class ScheduleCommand
{
    /// <summary>The first argument, by which the command is known. An agent file of this name is run as <c>./schedule</c>.</summary>
    public const string Name = "schedule";

    private static readonly string[] Subcommands = ["preview"];

    /// <summary>Carries out a subcommand.</summary>
    /// <param name="args">The arguments after <see cref="Name"/>.</param>
    /// <param name="output">Takes the result.</param>
    /// <param name="errors">Takes warnings.</param>
    /// <param name="zones">The time zones.</param>
    /// <param name="clock">Says what the time is.</param>
    /// <returns>An exit code.</returns>
    /// <exception cref="CliException">The command line is wrong.</exception>
    public static int Run(string[] args, TextWriter output, TextWriter errors, TimeZones zones, TimeProvider clock) => args switch
    {
        ["preview", .. var rest] => PreviewCommand.Run(rest, output, errors, zones, clock),
        [] => throw OptionReader.Wrong($"./run schedule needs a subcommand: {string.Join(", ", Subcommands)}."),
        [var unknown, ..] => throw OptionReader.Wrong($"'{unknown}' is not a subcommand of ./run schedule.{Nearest.Hint(unknown, Subcommands)}"),
    };
}
