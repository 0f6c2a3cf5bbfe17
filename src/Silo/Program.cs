using System.Runtime.InteropServices;
using Grainflow.Engine.Graphs;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Hosting;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;
using Npgsql;

namespace Grainflow.Silo;

/// <summary>The program behind <c>./run</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var interrupted = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Interrupt(context, interrupted));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Interrupt(context, interrupted));
        try
        {
            return await RunAsync(args, interrupted.Token);
        }
        catch (CliException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return exception.ExitCode;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted. Unfinished runs go on at the next start with this data folder.");
            return ExitCodes.Interrupted;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("The connection that holds the data was lost, so this process gave it up. Unfinished runs go on at the next start.");
            return ExitCodes.Refused;
        }
        catch (Exception exception) when (exception is SettingsException or DataInUseException or MigrationException or FormatException or GraphValidationException)
        {
            Console.Error.WriteLine(exception.Message);
            return ExitCodes.Refused;
        }
        catch (NpgsqlException exception)
        {
            Console.Error.WriteLine($"The database cannot be used: {exception.Message}");
            return ExitCodes.Refused;
        }
    }

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (args.Any(argument => argument is "--help" or "-h"))
        {
            Console.Out.WriteLine(Usage.Text);
            return ExitCodes.Success;
        }

        // Taken before the arguments are read, because whoever holds it ends the database that ./run started, also after a slip.
        var settings = Settings.Read(Environment.GetEnvironmentVariable);
        await using var instance = await AcquireAsync(settings, cancellationToken);
        var options = CliOptions.Parse(args);
        if (instance is null) return await RemoteAgentCommand.RunAsync(options, settings, cancellationToken);
        ServerFile.Remove(settings.DataFolder);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, instance.Lost);
        if (options.ScenarioFile is not null) return await ScenarioCommand.RunAsync(options, settings, stop.Token);
        if (options.AgentFile is not null) return await AgentCommand.RunAsync(options, settings, stop.Token);
        return await ServerCommand.RunAsync(options, settings, cancellationToken, instance.Lost);
    }

    /// <summary>The right to use the data; null when a server has it, which can be asked instead.</summary>
    private static async Task<Instance?> AcquireAsync(Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await Instance.AcquireAsync(settings, cancellationToken);
        }
        catch (DataInUseException) when (ServerFile.Read(settings.DataFolder) is not null)
        {
            return null;
        }
    }

    private static void Interrupt(PosixSignalContext context, CancellationTokenSource interrupted)
    {
        context.Cancel = true;
        interrupted.Cancel();
    }
}
