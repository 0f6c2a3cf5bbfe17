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
            return await RunAsync(CliOptions.Parse(args), interrupted.Token);
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

    private static async Task<int> RunAsync(CliOptions options, CancellationToken cancellationToken)
    {
        if (options.Help)
        {
            Console.Out.WriteLine(Usage.Text);
            return ExitCodes.Success;
        }

        var settings = Settings.Read(Environment.GetEnvironmentVariable, options.DataFolder);
        await using var instance = await Instance.AcquireAsync(settings, cancellationToken);
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
