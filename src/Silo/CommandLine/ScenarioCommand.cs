using System.Collections.Immutable;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Grains;
using Grainflow.Grains.Execution;
using Grainflow.Silo.Hosting;
using Grainflow.Silo.Running;
using Grainflow.Silo.Scenarios;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run AGENT.json --scenario FILE</c>: runs an agent against scripted services and compares.</summary>
internal static class ScenarioCommand
{
    public static async Task<int> RunAsync(CliOptions options, Settings settings, CancellationToken cancellationToken)
    {
        var agent = AgentFile.Read(options.AgentFile!);
        var cases = ScenarioFile.Read(options.ScenarioFile!, agent.Name, options.Case);
        var held = 0;
        foreach (var item in cases)
        {
            Console.Out.WriteLine($"Case '{item.Name}' of {agent.Name}");
            try
            {
                if (await RunCaseAsync(agent, item, options, settings, cancellationToken)) held++;
            }
            catch (CliException exception)
            {
                Console.Out.WriteLine("  refused: " + exception.Message);
            }
        }

        Console.Out.WriteLine($"{held} of {cases.Count} cases hold.");
        return held == cases.Count ? ExitCodes.Success : ExitCodes.Refused;
    }

    private static async Task<bool> RunCaseAsync(AgentFile agent, ScenarioCase item, CliOptions options, Settings settings, CancellationToken cancellationToken)
    {
        var blockOf = agent.Bundle.All.SelectMany(graph => graph.Nodes).DistinctBy(node => node.Id, StringComparer.Ordinal).ToDictionary(node => node.Id, node => node.BlockId, StringComparer.Ordinal);
        var blocks = new ScenarioBlocks(new BlockCatalogue(), item.Calls.Where(call => call.Outputs is not null), blockOf.GetValueOrDefault);
        using var host = await GrainflowHost.StartAsync(settings, services => Script(services, item, blocks, settings), cancellationToken);
        try
        {
            var runner = host.Services.GetRequiredService<AgentRunner>();
            // A user of its own: an empty history, a fresh grant, and nobody else's limits.
            var userId = $"scenario-{host.Services.GetRequiredService<IIdSource>().NewId()}";
            await using var progress = await AgentCommand.ProgressAsync(host.Services, userId, options.JsonOnly ? null : Console.Error);
            var imported = runner.Import(agent, userId);
            progress.Names = text => imported.Originals.Aggregate(text, (said, node) => said.Replace(node.Key, node.Value.NodeId, StringComparison.Ordinal));
            await runner.StoreAsync(agent, imported, userId);
            blocks.Originals = imported.Originals.ToDictionary(pair => pair.Key, pair => pair.Value.NodeId, StringComparer.Ordinal);

            var graphs = imported.Bundle.All.Select(graph => new GraphIndex(graph, blocks));
            var masks = CredentialMasks.Add(
                ImmutableDictionary<string, OrderedDictionary<string, System.Text.Json.JsonElement>>.Empty, graphs, SystemCredentials.Ids.Keys.ToHashSet(StringComparer.Ordinal));
            var runId = await runner.StartAsync(agent.Name, imported.Bundle.Root, userId, item.Inputs, masks, problem => problem);
            await progress.EndAsync(runId, cancellationToken);

            var result = await runner.ResultAsync(runId, cancellationToken);
            var nodes = await AllNodesAsync(runner, runId, imported, cancellationToken);
            var check = new CaseCheck(item);
            check.Compare(result, nodes, [.. nodes.Select(node => blockOf[node.NodeId]).Where(blocks.IsOnlyDoubled).Distinct(StringComparer.Ordinal)]);
            foreach (var line in check.Lines) Console.Out.WriteLine(line);
            foreach (var node in nodes.Where(node => node.Status == ExecutionStatus.Failed))
                Console.Out.WriteLine($"  node {node.NodeId} failed: {node.Outputs.LastOrDefault(output => output.Key == "error").Value}");
            return check.Holds;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static void Script(IServiceCollection services, ScenarioCase item, ScenarioBlocks blocks, Settings settings)
    {
        services.AddSingleton<IBlockCatalogue>(blocks);
        services.AddSingleton<IBlockRegistry>(blocks);
        services.AddSingleton(new BlockServices
        {
            Clock = item.Clock is { } clock ? new FixedClock(clock) : TimeProvider.System,
            Http = new ScriptedHttp(item.Calls.Where(call => call.Url is not null)),
            Models = new ScriptedModels(item.Rules),
            Files = runId => GrainflowHost.FilesOf(settings, runId),
            Credentials = new ScenarioVault(),
        });
        // One node at a time: the same case gives the same outputs in the same order, however fast its doubles are.
        services.PostConfigure<GrainflowOptions>(grainflow => grainflow.RunLimits = grainflow.RunLimits with { MaxInFlight = 1 });
        // Prices are compared without the fee of every 100th execution.
        services.PostConfigure<ExecutionLogOptions>(log => log.ExecutionCostPerThreshold = 0);
    }

    /// <summary>The node executions of a run and of the sub-agents below it, under the node ids of the agent's file.</summary>
    private static async Task<IReadOnlyList<FinishedNode>> AllNodesAsync(AgentRunner runner, Guid runId, ImportedGraph imported, CancellationToken cancellationToken)
    {
        var all = new List<FinishedNode>();
        foreach (var family in await runner.FamilyAsync(runId, cancellationToken)) all.AddRange(await runner.NodesAsync(family, cancellationToken));
        return [.. all.Select(node => node with { NodeId = imported.Originals[node.NodeId].NodeId })];
    }
}
