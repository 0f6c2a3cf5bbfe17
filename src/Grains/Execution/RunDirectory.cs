using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>Plans, stores and opens runs: what a run grain needs of the world around it.</summary>
internal sealed class RunDirectory(
    IExecutionLog log, IRunStore runs, ILedgerStore ledger, IRunOutputFeed feed, GraphCache graphs, IGraphStore graphStore, IGrainFactory grains, IOptions<GrainflowOptions> options,
    IOptions<ExecutionLogOptions> logOptions, TimeProvider clock)
{
    private RunSessionOptions SessionOptions => new(options.Value.SnapshotEvery, ChargesFees: options.Value.EnableCredit, options.Value.RunAhead);

    /// <summary>Takes up a run, or answers null when there is none of that id, or when it has ended and its deleted graph is not kept any more.</summary>
    public async Task<RunSession?> OpenAsync(Guid runId)
    {
        // An ended run of a collected graph is as good as unknown: its rows can be read, but there is nothing left to do with it.
        var collected = false;
        try
        {
            return await RunSession.OpenAsync(
                runId, log, runs,
                async (graphId, version) =>
                {
                    var graph = await graphs.FindForRunAsync(graphId, version, CancellationToken.None);
                    collected = graph is null;
                    return graph?.Index;
                },
                options.Value.RunLimits, SessionOptions);
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

    /// <summary>Plans and stores a run. Null when a run of that id is stored already; it stays as it is.</summary>
    /// <exception cref="GraphValidationException">The graph cannot run as asked, or another run has the request key.</exception>
    public async Task<RunSession?> CreateAsync(Guid runId, StartRun command)
    {
        // The statement that creates the run checks again that the graph is not deleted, so a cached answer will do.
        var graph = command.GraphVersion is { } asked
            ? await graphs.FindForRunAsync(command.GraphId, asked, CancellationToken.None)
            : await graphs.FindAsync(command.GraphId, null, CancellationToken.None);
        if (graph is not { IsDeleted: false } || graph.UserId != command.UserId) throw GraphNotFound(command);

        using var span = RunSpans.Begin(runId, graph.Index.Graph, command.TraceParent);
        var spec = RunPlanner.Plan(graph.Index, await ToRequestAsync(runId, command)) with { TraceParent = RunSpans.Kept(span, command.TraceParent) };
        var planned = new GraphRun(graph.Index, spec, options.Value.RunLimits);
        var created = await runs.CreateAsync(
            new NewRun
            {
                Id = runId,
                UserId = command.UserId,
                GraphId = command.GraphId,
                GraphVersion = graph.Index.Graph.Version,
                Status = ExecutionStatus.Queued.Name(),
                Inputs = JsonValues.CompactUtf8(Cleaned(command.Inputs.Memory.Span)),
                Spec = RunSpecCodec.Write(spec),
                RootRunId = spec.RootRunId,
                ParentRunId = spec.ParentRunId,
                ParentNodeExecutionId = spec.ParentNodeExecutionId,
                RequestKey = command.RequestKey,
                CredentialInputs = command.CredentialInputs is { } credentials ? (ReadOnlyMemory<byte>?)JsonValues.CompactUtf8(Cleaned(credentials.Memory.Span)) : null,
                PresetId = command.PresetId,
                CreatedAt = spec.CreatedAt,
                QueuedAt = spec.CreatedAt,
            },
            [.. planned.TakeChanges().Select(execution => RunRows.Of(runId, execution, graph.Index.Node(execution.NodeId).BlockId))],
            CancellationToken.None);
        if (created == RunCreation.GraphNotFound)
        {
            graphs.Forget(command.GraphId);
            throw GraphNotFound(command);
        }

        if (created == RunCreation.Created) return RunSession.Begin(log, graph.Index, spec, planned, SessionOptions);
        if (command.RequestKey is { } key && await runs.FindByRequestKeyAsync(command.UserId, key, CancellationToken.None) is { } first && first.Id != runId)
            throw new GraphValidationException([new GraphProblem($"Request '{key}' has started run #{first.Id} already.")]);
        return null;
    }

    private static GraphValidationException GraphNotFound(StartRun command) =>
        new([new GraphProblem($"Graph #{command.GraphId}{(command.GraphVersion is { } version ? $" version {version}" : "")} not found.")]);

    /// <summary>The credits that the ledger has for node executions of a run; those that it has no charge for are left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, long>> ChargesAsync(RunSession session, IReadOnlyList<Guid> nodeExecutionIds)
    {
        if (nodeExecutionIds.Count == 0) return ImmutableDictionary<Guid, long>.Empty;
        var rows = await ledger.FindAllAsync(session.Spec.UserId, [.. nodeExecutionIds.Select(id => id.ToString())], CancellationToken.None);
        return rows.ToDictionary(row => Guid.Parse(row.TransactionKey), row => -row.Amount);
    }

    /// <summary>Whether a run has a final status.</summary>
    public async Task<bool> HasEndedAsync(Guid runId) =>
        await runs.FindAsync(runId, CancellationToken.None) is { } run && ExecutionStatuses.Parse(run.Status).IsFinal();

    /// <summary>What Output nodes have given between two points of the log, under the names of the outputs.</summary>
    public async Task<ImmutableArray<EmittedOutput>> OutputsAsync(RunSession session, long afterSequence, long upToSequence, CancellationToken cancellationToken)
    {
        var outputNodes = session.Graph.Graph.Nodes
            .Where(node => session.Graph.FindBlock(node.Id)?.Kind == BlockKind.Output)
            .Select(node => node.Id).ToList();
        var emitted = await feed.ReadAsync(session.Spec.RunId, outputNodes, "output", afterSequence, upToSequence, cancellationToken);
        return [.. emitted.Select(output => new EmittedOutput { Pin = output.Name, Value = JsonPayload.Take(output.Value) })];
    }

    /// <summary>Whether a node may run beside its run, without a grain of its own: its block only computes, and nothing is charged for it (ADR 0017).</summary>
    public static bool MayComputeHere(RunSession session, NodeExecution execution, NodeWork work) =>
        work.Price + work.Fee == 0 && session.Graph.FindBlock(execution.NodeId) is { EffectFree: true };

    /// <summary>The message that starts a node. The fee is read back when it is not known any more.</summary>
    public async Task<NodeWork> ToWorkAsync(RunSession session, NodeExecution execution, bool? fee)
    {
        var node = session.Graph.Node(execution.NodeId);
        var block = session.Graph.FindBlock(execution.NodeId)
            ?? throw new InvalidOperationException($"Block {node.BlockId} of node {node.Id} is not known here.");
        return new NodeWork
        {
            RunId = session.Spec.RunId,
            UserId = session.Spec.UserId,
            GraphId = Guid.Parse(session.Spec.GraphId),
            GraphVersion = session.Spec.GraphVersion,
            NodeId = node.Id,
            BlockId = node.BlockId,
            Attempt = execution.Attempt,
            Epoch = execution.Epoch,
            Input = JsonPayload.Take(JsonValues.CompactUtf8(NodeInput.ForBlock(node, block, execution.Input))),
            Price = execution.Price,
            Fee = fee switch
            {
                null => await feed.FeeAsync(execution.Id, CancellationToken.None),
                true => logOptions.Value.ExecutionCostPerThreshold,
                false => 0,
            },
            // Only a first message is known to be the first; all others ask the run before they do anything.
            Repeated = fee is null,
            UserTimeZone = session.Spec.UserTimeZone,
            TraceParent = session.Spec.TraceParent,
        };
    }

    private async Task<RunRequest> ToRequestAsync(Guid runId, StartRun command)
    {
        var request = new RunRequest
        {
            RunId = runId,
            UserId = command.UserId,
            At = clock.GetUtcNow(),
            Inputs = Members(command.Inputs.Memory.Span).ToImmutableDictionary(StringComparer.Ordinal),
        };
        if (command is not { ParentRunId: { } parentId, ParentNodeExecutionId: { } nodeExecutionId })
        {
            return request with
            {
                Masks = Members(command.Masks.Memory.Span).ToImmutableDictionary(mask => mask.Key, mask => ToPins(mask.Value), StringComparer.Ordinal),
                UserTimeZone = await grains.GetGrain<IUserGrain>(command.UserId).GetTimeZone(),
            };
        }

        var parent = await runs.FindAsync(parentId, CancellationToken.None)
            ?? throw new InvalidOperationException($"Run {parentId}, which starts run {runId}, is gone.");
        var spec = RunSpecCodec.Read(parent.Spec.Span);
        return request with
        {
            Masks = spec.Masks,
            UserTimeZone = spec.UserTimeZone,
            Parent = new ParentRun(parentId, nodeExecutionId, spec.RootRunId, spec.Depth),
        };
    }

    /// <summary>What a caller gave, without what the database cannot hold (contract: semantics section 0).</summary>
    private static JsonElement Cleaned(ReadOnlySpan<byte> utf8) => JsonValues.Clean(JsonValues.ParseUtf8(utf8));

    private static IEnumerable<KeyValuePair<string, JsonElement>> Members(ReadOnlySpan<byte> utf8)
    {
        var value = Cleaned(utf8);
        return value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value))
            : [];
    }

    private static OrderedDictionary<string, JsonElement> ToPins(JsonElement mask)
    {
        var pins = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        if (mask.ValueKind != JsonValueKind.Object) return pins;
        foreach (var member in mask.EnumerateObject()) pins[member.Name] = member.Value;
        return pins;
    }
}
