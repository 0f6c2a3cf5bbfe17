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
        await using var instance = await Instance.AcquireAsync(settings, cancellationToken);
        var options = CliOptions.Parse(args);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, instance.Lost);
        if (options.ScenarioFile is not null) return await ScenarioCommand.RunAsync(options, settings, stop.Token);
        if (options.AgentFile is not null) return await AgentCommand.RunAsync(options, settings, stop.Token);
        return await ServerCommand.RunAsync(settings, stop.Token);
    }

    private static void Interrupt(PosixSignalContext context, CancellationTokenSource interrupted)
    {
        context.Cancel = true;
        interrupted.Cancel();
    }
}
