using System.Collections.Immutable;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Grains;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Silo.Hosting;
using Grainflow.Silo.RunFiles;
using Grainflow.Silo.Running;
using Grainflow.Silo.Scenarios;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run AGENT.json --scenario FILE</c>: runs an agent against scripted services and compares.</summary>
internal static class ScenarioCommand
{
    /// <summary>Runs the cases that are meant for the agent, one after the other.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="interrupted">Cancelled when the command is interrupted.</param>
    /// <param name="lost">Cancelled when the instance lock is lost.</param>
    /// <returns>An exit code: success when every case holds.</returns>
    public static async Task<int> RunAsync(CliOptions options, Settings settings, CancellationToken interrupted, CancellationToken lost)
    {
        var agent = await FileText.ReadAsync(() => AgentFile.Read(options.AgentFile!), interrupted);
        var cases = await FileText.ReadAsync(() => ScenarioFile.Read(options.ScenarioFile!, agent.Name, options.Case), interrupted);
        var built = new BlockCatalogue();
        foreach (var item in cases) CaseNames.Require(item, agent.Bundle, built);
        var held = 0;
        foreach (var item in cases)
        {
            Console.Out.WriteLine($"Case '{item.Name}' of {agent.Name}");
            try
            {
                if (await RunCaseAsync(agent, item, options, settings, interrupted, lost)) held++;
            }
            catch (CliException exception) when (exception.ExitCode != ExitCodes.Interrupted)
            {
                Console.Out.WriteLine("  refused: " + exception.Message);
            }
        }

        Console.Out.WriteLine($"{held} of {cases.Count} cases hold.");
        return held == cases.Count ? ExitCodes.Success : ExitCodes.Refused;
    }

    private static async Task<bool> RunCaseAsync(
        AgentFile agent, ScenarioCase item, CliOptions options, Settings settings, CancellationToken interrupted, CancellationToken lost)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(interrupted, lost);
        var cancellationToken = ended.Token;
        var blockOf = agent.Bundle.All.SelectMany(graph => graph.Nodes).DistinctBy(node => node.Id, StringComparer.Ordinal).ToDictionary(node => node.Id, node => node.BlockId, StringComparer.Ordinal);
        var blocks = new ScenarioBlocks(new BlockCatalogue(), item.Calls.Where(call => call.Outputs is not null), blockOf.GetValueOrDefault);
        using var models = new ScriptedModels(item.Rules);
        var vault = new ScenarioVault();
        using var host = await GrainflowHost.StartAsync(settings, services => Script(services, item, blocks, models, vault), cancellationToken);
        try
        {
            var runner = host.Services.GetRequiredService<AgentRunner>();
            // A user of its own has the whole grant, and no other run counts towards its limits.
            var userId = $"scenario-{host.Services.GetRequiredService<IIdSource>().NewId()}";
            await using var progress = await AgentCommand.ProgressAsync(host.Services, userId, options.JsonOnly ? null : Console.Error);
            var imported = runner.Import(agent, userId);
            progress.Names = text => imported.Originals.Aggregate(text, (said, node) => said.Replace(node.Key, node.Value.NodeId, StringComparison.Ordinal));
            await runner.StoreAsync(agent, imported, userId);
            blocks.Originals = imported.Originals.ToDictionary(pair => pair.Key, pair => pair.Value.NodeId, StringComparer.Ordinal);

            var graphs = imported.Bundle.All.Select(graph => new GraphIndex(graph, blocks)).ToList();
            var credentials = CredentialMasks.Scripted(graphs);
            foreach (var credential in credentials) await credential.StoreAsync(host.Services.GetRequiredService<IGrainFactory>(), userId);
            vault.Scripted = credentials;
            var masks = CredentialMasks.OfScenario(credentials).Add(ImmutableDictionary<string, OrderedDictionary<string, System.Text.Json.JsonElement>>.Empty, graphs);
            var runId = await runner.StartAsync(agent.Name, imported.Bundle.Root, userId, item.Inputs, masks, problem => problem);
            await EndAsync(host.Services.GetRequiredService<IGrainFactory>().GetGrain<IGraphExecutionGrain>(runId), runId, userId, item, progress, cancellationToken, interrupted);

            var result = await runner.ResultAsync(runId, cancellationToken);
            var nodes = await AllNodesAsync(runner, runId, imported, cancellationToken);
            var check = new CaseCheck(item);
            check.Compare(result, nodes, models.Calls, [.. nodes.Select(node => blockOf[node.NodeId]).Where(blocks.IsOnlyDoubled).Distinct(StringComparer.Ordinal)]);
            foreach (var line in check.Lines) Console.Out.WriteLine(line);
            foreach (var node in nodes.Where(node => node.Status == ExecutionStatus.Failed))
                Console.Out.WriteLine($"  node {node.NodeId} failed: {node.Outputs.LastOrDefault(output => output.Key == "error").Value}");
            return check.Holds;
        }
        finally
        {
            host.Services.GetRequiredService<LogDetail>().Stopping();
            await host.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Waits for the end of a run. An interrupted one is stopped: the next start would resume it with real services.</summary>
    /// <exception cref="CliException">The command was interrupted.</exception>
    private static async Task EndAsync(
        IGraphExecutionGrain run, Guid runId, string userId, ScenarioCase item, ProgressPrinter progress, CancellationToken cancellationToken, CancellationToken interrupted)
    {
        try
        {
            await progress.EndAsync(runId, cancellationToken);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            await run.Stop(userId);
            await progress.EndAsync(runId, CancellationToken.None);
            throw new CliException($"Interrupted. The run of case '{item.Name}' was stopped.", ExitCodes.Interrupted);
        }
    }

    private static void Script(IServiceCollection services, ScenarioCase item, ScenarioBlocks blocks, ScriptedModels models, ScenarioVault vault)
    {
        services.AddSingleton<IBlockCatalogue>(blocks);
        services.AddSingleton<IBlockRegistry>(blocks);
        services.AddSingleton<IOutgoingHttp>(new ScriptedHttp(item.Calls.Where(call => call.Url is not null)));
        services.AddSingleton(provider => new BlockServices
        {
            Clock = item.Clock is { } clock ? new FixedClock(clock) : TimeProvider.System,
            Http = provider.GetRequiredService<IOutgoingHttp>(),
            Streams = new NoStreams(),
            // The double is the network: what a block asks for goes through the client of its provider.
            Models = new ChatModels(new ChatModelOptions(), models, models),
            Files = provider.GetRequiredService<SharedRunFiles>().Of,
            KeyValues = new ScenarioValues().Of,
            Library = provider.GetRequiredService<OwnLibrary>().Of,
            Credentials = vault,
        });
        services.PostConfigure<GrainflowOptions>(grainflow => grainflow.Scripted = true);
        // One node at a time, so that the order of outputs does not depend on how fast the doubles are.
        services.PostConfigure<GrainflowOptions>(grainflow => grainflow.RunLimits = grainflow.RunLimits with { MaxInFlight = 1 });
        // The expected cost of a case is that of its blocks, without the fee of every 100th execution.
        services.PostConfigure<ExecutionLogOptions>(log => log.ExecutionCostPerThreshold = 0);
    }

    /// <summary>The node executions of a run and of the sub-agents below it, with the node ids of the agent's file.</summary>
    private static async Task<IReadOnlyList<FinishedNode>> AllNodesAsync(AgentRunner runner, Guid runId, ImportedGraph imported, CancellationToken cancellationToken)
    {
        var all = new List<FinishedNode>();
        foreach (var family in await runner.FamilyAsync(runId, cancellationToken)) all.AddRange(await runner.NodesAsync(family, cancellationToken));
        return [.. all.Select(node => node with { NodeId = imported.Originals[node.NodeId].NodeId })];
    }
}
