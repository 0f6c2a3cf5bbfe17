using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Grainflow.Grains;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Silo.CommandLine;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;

namespace Grainflow.Silo.Running;

/// <summary>Imports and stores agents, starts runs and reads their results, through the grains that the gateway uses too.</summary>
internal sealed class AgentRunner(
    IGrainFactory grains, IRunStore runs, IRunOutputFeed feed, GraphCache graphs, IBlockCatalogue catalogue, IIdSource ids)
{
    /// <summary>The id of the user of a machine without accounts (contract: semantics 0).</summary>
    public const string DefaultUser = "3e53486c-cf57-477e-ba2a-cb02dc828e1a";

    /// <summary>Gives an agent to a user, with new ids, and validates it. Nothing is stored.</summary>
    /// <exception cref="CliException">It is not valid; the message has each problem.</exception>
    public ImportedGraph Import(AgentFile agent, string userId) => agent.Import(catalogue, userId, () => ids.NewId().ToString());

    /// <summary>Stores an imported agent.</summary>
    /// <exception cref="CliException">It is refused; the message has each problem.</exception>
    public async Task StoreAsync(AgentFile agent, ImportedGraph imported, string userId)
    {
        await grains.GetGrain<IUserGrain>(userId).Ensure(userId == DefaultUser ? "default@example.com" : null);
        var result = await grains.GetGrain<IGraphGrain>(Guid.Parse(imported.Bundle.Root.Id)).Create(new CreateGraph
        {
            UserId = userId,
            Documents = [.. imported.Bundle.All.Select(graph => JsonPayload.Wrap(GraphDocument.Write(graph)))],
        });
        if (!result.Problems.IsEmpty) throw Refused(agent.Name, result.Problems.Select(problem => problem.Message));
    }

    /// <summary>The interrupted run that the same command line started, or null.</summary>
    /// <param name="command">The <see cref="CommandKey"/> of the command line.</param>
    /// <param name="unfinished">The runs that an earlier process has not finished.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    public async Task<Guid?> FindInterruptedAsync(string command, IEnumerable<RunSummary> unfinished, CancellationToken cancellationToken)
    {
        foreach (var candidate in unfinished.Where(run => run.ParentRunId is null && run.UserId == DefaultUser))
        {
            if (await runs.FindAsync(candidate.Id, cancellationToken) is { RequestKey: { } key } && key.StartsWith(command, StringComparison.Ordinal)) return candidate.Id;
        }

        return null;
    }

    /// <summary>Identifies a command line: the same text for the same file with the same inputs, in any order, the same budget, and both or none as a dry run.</summary>
    public static string CommandKey(AgentFile agent, IEnumerable<CliInput> inputs, int? maxCost = null, bool isDryRun = false)
    {
        var given = inputs.OrderBy(input => input.Name, StringComparer.Ordinal).Select(input => JsonSerializer.Serialize(input));
        var text = Convert.ToHexString(agent.ContentHash) + string.Join('\n', given) + (maxCost is { } most ? string.Create(CultureInfo.InvariantCulture, $"\nmax_cost {most}") : "") + (isDryRun ? "\ndry_run" : "");
        return $"command {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))} ";
    }

    /// <summary>Starts a run. When this returns, the run is durable.</summary>
    /// <param name="agentName">The name of the agent's file, for the message of a refusal.</param>
    /// <param name="graph">The graph at the top, as it is stored.</param>
    /// <param name="userId">The user.</param>
    /// <param name="inputs">Values by input name.</param>
    /// <param name="masks">Values by node id and pin, which replace the constants of the graph.</param>
    /// <param name="hint">Turns a problem into what the user reads.</param>
    /// <param name="command">The <see cref="CommandKey"/>, by which the same command line finds the run while it is unfinished; null for none.</param>
    /// <param name="maxCost">The most credits that the run may spend; null for no budget.</param>
    /// <param name="isDryRun">True for a run without effects, credentials and charges.</param>
    /// <exception cref="CliException">It is refused; the message has each problem.</exception>
    public async Task<Guid> StartAsync(
        string agentName, Graph graph, string userId, ImmutableDictionary<string, JsonElement> inputs,
        ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> masks, Func<string, string> hint, string? command = null, int? maxCost = null, bool isDryRun = false)
    {
        var runId = ids.NewId();
        var result = await grains.GetGrain<IGraphExecutionGrain>(runId).Start(new StartRun
        {
            UserId = userId,
            GraphId = Guid.Parse(graph.Id),
            GraphVersion = graph.Version,
            Inputs = JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Object(inputs))),
            MaxCost = maxCost,
            IsDryRun = isDryRun,
            // The run's id makes the key unique among the user's runs; FindInterruptedAsync looks for its beginning.
            RequestKey = command is null ? null : command + runId,
            Masks = JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Object(masks.Select(mask => KeyValuePair.Create(mask.Key, JsonValues.Object(mask.Value)))))),
        });
        return result.Accepted ? runId : throw Refused(agentName, result.Problems.Select(problem => hint(problem.Message)));
    }

    /// <summary>Reads a run that has ended.</summary>
    public async Task<RunResult> ResultAsync(Guid runId, CancellationToken cancellationToken)
    {
        var run = await runs.FindAsync(runId, cancellationToken) ?? throw new InvalidOperationException($"Run {runId} is not in the database.");
        var graph = await graphs.FindForRunAsync(run.GraphId, run.GraphVersion, cancellationToken) ?? throw new InvalidOperationException($"The graph of run {runId} is not in the database.");
        var stats = run.Stats is { } measured ? JsonValues.ParseUtf8(measured.Span) : JsonValues.EmptyObject;
        return new RunResult(runId, run.Status, run.Error, GraphResults.Outputs(graph.Index, await NodesAsync(runId, cancellationToken)), stats);
    }

    /// <summary>The ids of a run and of the runs of the sub-agents below it.</summary>
    public Task<IReadOnlyList<Guid>> FamilyAsync(Guid rootRunId, CancellationToken cancellationToken) => feed.FamilyAsync(rootRunId, cancellationToken);

    /// <summary>The node executions of a run, in the order of their creation.</summary>
    public async Task<IReadOnlyList<FinishedNode>> NodesAsync(Guid runId, CancellationToken cancellationToken) =>
    [
        .. (await runs.NodeExecutionsAsync(runId, MostNodesRead, cancellationToken)).Select(node => new FinishedNode(
            node.Row.NodeId,
            ExecutionStatuses.Parse(node.Row.Status),
            node.Row.QueuedAt,
            node.Row.Input is { } input ? JsonValues.ParseUtf8(input.Span) : JsonValues.EmptyObject,
            [.. node.Outputs.Select(output => KeyValuePair.Create(output.Pin, JsonValues.ParseUtf8(output.Value.Span)))])),
    ];

    /// <summary>Node executions that are read of a run: the most that a run may have by default.</summary>
    private const int MostNodesRead = 50_000;

    private static CliException Refused(string agent, IEnumerable<string> problems) =>
        new($"{agent} cannot run.\n" + string.Join("\n", problems.Select(problem => "  " + problem)));
}
