using Grainflow.Grains.Hosting;
using Grainflow.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run</c> alone: ends what was interrupted, and says that there is no server yet.</summary>
internal static class ServerCommand
{
    public static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        using var host = GrainflowHost.Build(settings);
        await host.StartAsync(cancellationToken);
        try
        {
            await using var progress = AgentCommand.Progress(host.Services, Console.Error);
            foreach (var run in await host.Services.GetRequiredService<RunRecovery>().ResumeAllAsync(cancellationToken))
            {
                if (run.ParentRunId is not null) continue;
                progress.Say($"Run {run.Id} was interrupted; it goes on.");
                await progress.EndAsync(run.Id, cancellationToken);
            }
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        Console.Error.WriteLine("The server is not part of this version yet. Run an agent: ./run AGENT.json --input NAME=VALUE, or see ./run --help.");
        return ExitCodes.Usage;
    }
}
