using Grainflow.Blocks.Contract;
using Grainflow.Engine.Scheduling;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.CommandLine.Schedules;
using Grainflow.Silo.Hosting;
using Grainflow.Storage.Hosting;
using NodaTime;

namespace Grainflow.Silo;

/// <summary>The program behind <c>./run</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var streams = StandardStreams.Open();
        Failures.HandleUnhandled();
        using var interruption = new Interruption();
        try
        {
            var (exitCode, served) = await RunAsync(args, interruption.Token);
            // A server goes on without its standard error; a command whose messages were lost did not do all that it was asked to.
            return exitCode == ExitCodes.Success && !served && streams.ErrorsLost ? ExitCodes.Refused : exitCode;
        }
        catch (Exception exception)
        {
            var (message, exitCode) = Failures.Describe(exception, interruption.Token.IsCancellationRequested, Environment.GetEnvironmentVariable);
            Console.Error.WriteLine(message);
            return exitCode;
        }
    }

    /// <summary>Carries out the command line.</summary>
    /// <returns>The exit code, and whether the command was a server.</returns>
    private static async Task<(int ExitCode, bool Served)> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (args.Any(argument => argument is "--help" or "-h"))
        {
            Console.Out.WriteLine(args[0] == ScheduleCommand.Name ? Usage.Schedule : Usage.Text);
            return (ExitCodes.Success, false);
        }

        if (args is [ScheduleCommand.Name, .. var schedule])
        {
            var console = new ScheduleConsole(Console.Out, Console.Error, new TimeZones(DateTimeZoneProviders.Tzdb), TimeProvider.System, Environment.GetEnvironmentVariable);
            return (await ScheduleCommand.RunAsync(schedule, console, cancellationToken), false);
        }

        if (args.Contains("--list-blocks", StringComparer.Ordinal) && CliOptions.Parse(args).ListBlocks)
        {
            Console.Out.Write(BlockReference.Write(new BlockCatalogue().Blocks.Select(block => block.Definition)));
            return (ExitCodes.Success, false);
        }

        if (args.Contains("--estimate", StringComparer.Ordinal)) return (await EstimateCommand.RunAsync(CliOptions.Parse(args), Environment.GetEnvironmentVariable, cancellationToken), false);

        // The arguments are read while the instance lock is held, so that a wrong command line stops the PostgreSQL server that ./run started, too.
        var (settings, instance) = await AcquireAsync(args, cancellationToken);
        await using var held = instance;
        var options = CliOptions.Parse(args);
        if (options.Reconcile) return (await ReconcileCommand.RunAsync(options, settings, cancellationToken), false);
        if (options.RotateKeys) return (await RotateKeysCommand.RunAsync(options, settings, cancellationToken), false);
        if (instance is null) return (await RemoteAgentCommand.AskServerAsync(options, settings, cancellationToken), false);
        if (settings.Cluster is null) ServerFile.Remove(settings.DataFolder);
        if (options.Migrate)
        {
            Console.Out.WriteLine("The database has the schema of this version.");
            return (ExitCodes.Success, false);
        }

        if (settings.Cluster is { } cluster && options.AgentFile is not null) return (await RemoteAgentCommand.AskClusterAsync(options, settings, cluster, cancellationToken), false);
        if (options.ScenarioFile is not null) return (await ScenarioCommand.RunAsync(options, settings, cancellationToken, instance.Lost), false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, instance.Lost);
        if (options.AgentFile is not null) return (await AgentCommand.RunAsync(options, settings, stop.Token), false);
        return (await ServerCommand.RunAsync(options, settings, instance, cancellationToken), true);
    }

    /// <summary>Reads the settings and acquires the instance lock. The instance is null when a server holds the lock, which can be asked to run the agent.</summary>
    private static async Task<(Settings Settings, Instance? Instance)> AcquireAsync(string[] args, CancellationToken cancellationToken)
    {
        try
        {
            var settings = Settings.Read(Environment.GetEnvironmentVariable);
            CreateDataFolder(settings.DataFolder);
            // The gateway that is asked to run an agent has migrated the database to its own version.
            var migrate = settings.Cluster is null || CliOptions.Parse(args).AgentFile is null;
            try
            {
                return (settings, await Instance.AcquireAsync(settings, cancellationToken, migrate));
            }
            catch (DataInUseException) when (settings.Cluster is null && ServerFile.Read(settings.DataFolder) is not null)
            {
                return (settings, null);
            }
        }
        catch (Exception exception) when (exception is not DataInUseException)
        {
            await Instance.StopPrivateDatabaseAsync(Environment.GetEnvironmentVariable);
            throw;
        }
    }

    private static void CreateDataFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The data folder {folder} cannot be made: {exception.Message}");
        }
    }
}
