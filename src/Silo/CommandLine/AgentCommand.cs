using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Grains;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Silo.Hosting;
using Grainflow.Silo.Running;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run AGENT.json</c>: runs an agent to its end, or goes on with the run that was interrupted.</summary>
internal static class AgentCommand
{
    /// <summary>How soon an event is printed whose notice was lost.</summary>
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(5);

    /// <summary>Runs the agent in this process.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="stop">Cancelled when the command is interrupted or the instance lock is lost.</param>
    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(CliOptions options, Settings settings, CancellationToken stop)
    {
        var agent = await FileText.ReadAsync(() => AgentFile.Read(options.AgentFile!), stop);
        using var host = await GrainflowHost.StartAsync(settings, replace: null, stop);
        var services = host.Services;
        var fatal = services.GetRequiredService<FatalErrors>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, fatal.Stopping);
        var cancellationToken = ended.Token;
        try
        {
            await using var progress = await ProgressAsync(services, AgentRunner.DefaultUser, options.JsonOnly ? null : Console.Error);
            var unfinished = await services.GetRequiredService<RunRecovery>().ResumeAllAsync(cancellationToken);
            foreach (var user in unfinished.Select(run => run.UserId).Distinct(StringComparer.Ordinal)) await progress.SubscribeAsync(user);

            var runId = await StartOrContinueAsync(agent, options, services, unfinished, progress, cancellationToken);
            await progress.EndAsync(runId, cancellationToken);
            await OtherRuns.EndAsync(unfinished.Where(run => run.Id != runId), progress, cancellationToken);

            var result = await services.GetRequiredService<AgentRunner>().ResultAsync(runId, cancellationToken);
            progress.Say("");
            return Print(result, progress.Names);
        }
        catch (OperationCanceledException) when (fatal.First is { } error)
        {
            throw new CliException(error);
        }
        finally
        {
            services.GetRequiredService<LogDetail>().Stopping();
            await host.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Prints the result of a run that has ended.</summary>
    /// <param name="result">The result.</param>
    /// <param name="names">Puts the node ids of the user's file into a warning; null leaves those of the run.</param>
    /// <returns>The exit code that its status asks for.</returns>
    /// <exception cref="CliException">Standard output cannot be written.</exception>
    public static int Print(RunResult result, Func<string, string>? names = null)
    {
        try
        {
            Console.Out.WriteLine(result.ToJson(names));
        }
        catch (OutputException exception)
        {
            throw new CliException($"The result could not be written to standard output: {exception.Reason}. Run {result.RunId} itself is done: {result.Status}.");
        }

        return result.Status == "COMPLETED" ? ExitCodes.Success : ExitCodes.Refused;
    }

    /// <summary>A printer that follows the runs of a user.</summary>
    public static async Task<ProgressPrinter> ProgressAsync(IServiceProvider services, string user, TextWriter? writer)
    {
        var printer = new ProgressPrinter(
            writer,
            !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "",
            (userId, advanced, noticed, check, partial, progressed) => new LogSubscription(
                userId, advanced, noticed, check, services.GetRequiredService<IClusterClient>(), CheckEvery, services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<ProgressPrinter>>(), partial, progressed),
            services.GetRequiredService<IExecutionLog>(),
            services.GetRequiredService<IRunStore>(),
            services.GetRequiredService<GraphCache>());
        await printer.SubscribeAsync(user);
        return printer;
    }

    private static async Task<Guid> StartOrContinueAsync(
        AgentFile agent, CliOptions options, IServiceProvider services, IReadOnlyList<RunSummary> unfinished, ProgressPrinter progress, CancellationToken cancellationToken)
    {
        if (options.MaxCost is not null && !services.GetRequiredService<IOptions<GrainflowOptions>>().Value.EnableCredit)
            throw new CliException("--max-cost needs credits, which are switched off: nothing is charged, so there is nothing to limit. Set ENABLE_CREDIT=true.");
        var runner = services.GetRequiredService<AgentRunner>();
        var catalogue = services.GetRequiredService<IBlockCatalogue>();
        var vault = services.GetRequiredService<SystemCredentialVault>();

        // Whatever is wrong with agent and inputs is found before anything is stored.
        var imported = runner.Import(agent, AgentRunner.DefaultUser);
        var graphs = imported.Bundle.All.Select(graph => new GraphIndex(graph, catalogue)).ToList();
        var bound = new AgentInputs(graphs[0]).Bind(options.Inputs, node => imported.Originals[node.Id].NodeId, complete: !options.DryRun);
        var given = GivenCredential.Read(options.Credentials);
        var credentials = new CredentialMasks(vault.Providers, given);
        var masks = options.DryRun ? bound.Masks : credentials.Add(bound.Masks, graphs);
        var command = AgentRunner.CommandKey(agent, options.Inputs, options.MaxCost, options.DryRun);
        if (await runner.FindInterruptedAsync(command, unfinished, cancellationToken) is { } interrupted)
        {
            progress.Say($"Run {interrupted} of this agent with these inputs was interrupted; it goes on.");
            return interrupted;
        }

        progress.Names = text => Original(text, imported);
        foreach (var warning in imported.Warnings) progress.Say($"Warning: {warning.Message}.");
        if (options.DryRun) progress.Say("Dry run: blocks that reach outside are answered with samples of their outputs; nothing is sent, stored elsewhere or charged.");
        await runner.StoreAsync(agent, imported, AgentRunner.DefaultUser);
        foreach (var credential in given) await credential.StoreAsync(services.GetRequiredService<IGrainFactory>(), AgentRunner.DefaultUser);
        var missing = credentials.Missing(graphs);
        var cure = missing.Count == 0 ? "" : $" (set {string.Join(", ", missing.Select(provider => provider.ToUpperInvariant() + "_API_KEY"))}, give --credential PROVIDER=FILE, or try the agent with --scenario or --dry-run)";
        return await runner.StartAsync(
            agent.Name, imported.Bundle.Root, AgentRunner.DefaultUser, bound.Inputs, masks,
            problem => Original(problem, imported) + (problem.Contains("credentials", StringComparison.Ordinal) ? cure : ""), command, options.MaxCost, options.DryRun);
    }

    private static string Original(string problem, ImportedGraph imported)
    {
        foreach (var (id, original) in imported.Originals) problem = problem.Replace(id, original.NodeId, StringComparison.Ordinal);
        return problem;
    }
}
