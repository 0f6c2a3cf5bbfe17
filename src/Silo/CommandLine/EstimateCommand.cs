using System.Globalization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains;
using Grainflow.Silo.Hosting;
using Grainflow.Silo.Running;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Configuration;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run AGENT.json --estimate</c>: prints what a run would cost. It needs neither a database nor a server.</summary>
internal static class EstimateCommand
{
    /// <summary>Prints the estimate as JSON, and a table of what costs something on standard error.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="variable">Looks up a variable of the environment.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted.</param>
    /// <returns>An exit code.</returns>
    /// <exception cref="CliException">The agent cannot be read or run, or an input is wrong.</exception>
    public static async Task<int> RunAsync(CliOptions options, Func<string, string?> variable, CancellationToken cancellationToken)
    {
        var agent = await FileText.ReadAsync(() => AgentFile.Read(options.AgentFile!), cancellationToken);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(SettingsMap.Read(variable)).Build();
        var (fees, execution) = (new ExecutionLogOptions(), new GrainflowOptions());
        settings.GetSection(ExecutionLogOptions.Section).Bind(fees);
        settings.GetSection(GrainflowOptions.Section).Bind(execution);
        var estimate = Estimate(agent, options.Inputs, GivenCredential.Read(options.Credentials), execution.RunLimits.MaxNodeExecutions);
        if (!options.JsonOnly) PrintTable(estimate, Console.Error);
        Console.Out.WriteLine(JsonValues.Compact(estimate.ToJson(fees.ExecutionCostCountThreshold, fees.ExecutionCostPerThreshold)));
        return ExitCodes.Success;
    }

    /// <summary>Estimates a run of an agent with the platform's credentials, and those of the command line in their place.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="given">The inputs.</param>
    /// <param name="credentials">The credentials of the command line.</param>
    /// <param name="mostExecutions">How many node executions a run may have.</param>
    /// <returns>The estimate, with the ids of the file.</returns>
    /// <exception cref="CliException">The agent cannot run, or an input is wrong.</exception>
    public static CostEstimate Estimate(AgentFile agent, IEnumerable<CliInput> given, IReadOnlyList<GivenCredential> credentials, int mostExecutions)
    {
        var catalogue = new BlockCatalogue();
        var imported = agent.Import(catalogue, AgentRunner.DefaultUser, () => Guid.NewGuid().ToString());
        var graphs = imported.Bundle.All.Select(graph => new GraphIndex(graph, catalogue)).ToList();
        var bound = new AgentInputs(graphs[0]).Bind(given, node => imported.Originals[node.Id].NodeId);
        var masks = new CredentialMasks(SystemCredentials.Ids.Keys.ToHashSet(StringComparer.Ordinal), credentials).Add(bound.Masks, graphs);
        var estimate = CostEstimator.Estimate(graphs[0], graphs.Skip(1), bound.Inputs, masks, mostExecutions);

        var ids = imported.Originals.Select(node => (New: node.Key, Old: node.Value.NodeId)).Concat(imported.Bundle.All.Zip(agent.Bundle.All, (renewed, read) => (New: renewed.Id, Old: read.Id)))
            .DistinctBy(id => id.New, StringComparer.Ordinal).ToDictionary(id => id.New, id => id.Old, StringComparer.Ordinal);
        string? Original(string? text) => text is null ? null : ids.Aggregate(text, (shown, id) => shown.Replace(id.Key, id.Value, StringComparison.Ordinal));
        return new CostEstimate(
        [
            .. estimate.Nodes.Select(node => node with
            {
                GraphId = ids[node.GraphId],
                NodeId = ids[node.NodeId],
                AgentNodeId = node.AgentNodeId is { } agentNode ? ids[agentNode] : null,
                Reason = Original(node.Reason),
            }),
        ]);
    }

    private static void PrintTable(CostEstimate estimate, TextWriter writer)
    {
        foreach (var node in estimate.Nodes.Where(node => node.Cost > 0 || !node.IsKnown))
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{node.Cost,6}  {(node.Repeats ? "per execution  " : "")}{node.BlockName} {node.NodeId}{(node.Reason is { } reason ? "  " + reason : "")}"));
        }

        var total = estimate.Repeats
            ? string.Create(CultureInfo.InvariantCulture, $"credits when each node runs once; {estimate.Maximum} at most, when nodes that may run more than once do so as often as a run may")
            : estimate.IsKnown ? "credits" : "credits at most";
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{estimate.Total,6} {total}, without fees"));
    }
}
