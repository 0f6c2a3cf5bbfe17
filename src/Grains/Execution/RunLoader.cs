using System.Collections.Immutable;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>Opens stored runs, and reads what the store knows about one.</summary>
internal sealed class RunLoader(
    IExecutionLog log, IRunStore runs, ILedgerStore ledger, IRunOutputFeed feed, NodeCharges charges, GraphCache graphs, IGraphStore graphStore, SiloIdentity silo, IOptions<GrainflowOptions> options)
{
    /// <summary>
    /// Opens a session of a run, which fences every earlier one. Null when there is no run of that id, or when it has ended and the rows of its deleted graph
    /// were collected: such a run can be read, but nothing is left to do for it.
    /// </summary>
    public async Task<RunSession?> OpenAsync(Guid runId)
    {
        var collected = false;
        try
        {
            return await RunSession.OpenAsync(
                runId, silo.Name, log, runs,
                async (graphId, version) =>
                {
                    var graph = await graphs.FindForRunAsync(graphId, version, CancellationToken.None);
                    collected = graph is null;
                    return graph?.Index;
                },
                options.Value.RunLimits, RunSessionOptions.Of(options.Value));
        }
        catch (InvalidOperationException) when (collected)
        {
            if (await HasEndedAsync(runId)) return null;
            throw;
        }
    }

    /// <summary>Whether the graph of a run was deleted after the run was started.</summary>
    public async Task<bool> IsGraphDeletedAsync(RunSession session) =>
        !await graphStore.ExistsAsync(new GraphKey(Guid.Parse(session.Spec.GraphId), session.Spec.GraphVersion), CancellationToken.None);

    /// <summary>Whether a run has a final status.</summary>
    public async Task<bool> HasEndedAsync(Guid runId) =>
        await runs.FindAsync(runId, CancellationToken.None) is { } run && ExecutionStatuses.Parse(run.Status).IsFinal();

    /// <summary>
    /// What node executions of a run that ends without them have cost. A price that depends on what the block has used is settled here, because nobody else does.
    /// Node executions without a charge are left out.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, long>> EndChargesAsync(RunSession session, IReadOnlyList<NodeExecution> executions)
    {
        if (executions.Count == 0) return ImmutableDictionary<Guid, long>.Empty;
        var rows = await ledger.FindAllAsync(session.Spec.UserId, [.. executions.Select(execution => execution.Id.ToString())], CancellationToken.None);
        var found = rows.ToDictionary(row => Guid.Parse(row.TransactionKey), row => -row.Amount);
        foreach (var row in rows.Where(row => row.Reserves))
        {
            var id = Guid.Parse(row.TransactionKey);
            found[id] = await charges.SettleLostAsync(session.Spec.UserId, id, await feed.FeeAsync(id, CancellationToken.None));
        }

        return found;
    }

    /// <summary>The values of Output nodes between two sequence numbers of the log, under the names of the outputs.</summary>
    public async Task<ImmutableArray<EmittedOutput>> OutputsAsync(RunSession session, long afterSequence, long upToSequence, CancellationToken cancellationToken)
    {
        var outputNodes = session.Graph.Graph.Nodes
            .Where(node => session.Graph.FindBlock(node.Id)?.Kind == BlockKind.Output)
            .Select(node => node.Id).ToList();
        var emitted = await feed.ReadAsync(session.Spec.RunId, outputNodes, "output", afterSequence, upToSequence, cancellationToken);
        return [.. emitted.Select(output => new EmittedOutput { Pin = output.Name, Value = JsonPayload.Wrap(output.Value) })];
    }
}
