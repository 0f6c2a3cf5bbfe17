using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Telemetry;
using Grainflow.Grains.Users;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Reviews;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>Plans and stores new runs.</summary>
internal sealed class RunFactory(
    IExecutionLog log, IRunStore runs, GraphCache graphs, GraphFamilies families, IKnownCredentials credentials, IGraphSettingsStore settings, IGrainFactory grains, RunCounter counter, SiloIdentity silo, IOptions<GrainflowOptions> options, TimeProvider clock)
{
    /// <summary>Plans and stores a run. Null when a run of that id is stored already; the stored one is not changed.</summary>
    /// <exception cref="GraphValidationException">The graph cannot run as asked, or another run has the request key.</exception>
    public async Task<RunSession?> CreateAsync(Guid runId, StartRun command)
    {
        var plan = await PlanAsync(runId, command);
        var created = await runs.CreateAsync(plan.Row, plan.Nodes, CancellationToken.None);
        if (created == RunCreation.GraphNotFound) throw Gone(command);
        if (created == RunCreation.Created)
        {
            // A dry run is none for onboarding, which gives credits for runs.
            if (!plan.Spec.IsDryRun) counter.Started(command.UserId);
            return RunSession.Begin(log, plan.Spec, plan.Run, RunSessionOptions.Of(options.Value));
        }

        if (command.RequestKey is { } key && await runs.FindByRequestKeyAsync(command.UserId, key, CancellationToken.None) is { } first && first.Id != runId)
            throw new GraphValidationException([new GraphProblem($"Request '{key}' has started run #{first.Id} already.")]);
        return null;
    }

    /// <summary>The error for a graph that was deleted since it was cached; it is removed from the cache.</summary>
    public GraphNotFoundException Gone(StartRun command)
    {
        graphs.Remove(command.GraphId);
        return GraphNotFound(command);
    }

    /// <summary>Plans a run and stores nothing.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="command">What is to be run.</param>
    /// <param name="schedule">The schedule that starts the run, or null.</param>
    /// <param name="webhook">The webhook that starts the run, or null.</param>
    /// <exception cref="GraphNotFoundException">The graph is not there, or belongs to another user.</exception>
    /// <exception cref="GraphValidationException">The graph cannot run as asked.</exception>
    public async Task<RunPlan> PlanAsync(Guid runId, StartRun command, RunSchedule? schedule = null, RunWebhook? webhook = null)
    {
        var graph = await FindGraphAsync(command);
        if (command.MaxCost is not null && !options.Value.EnableCredit)
            throw new GraphValidationException([new GraphProblem("max_cost needs credits, which are switched off here: nothing is charged, so there is nothing to limit. Leave max_cost out, or set ENABLE_CREDIT=true.")]);
        if (command.MaxCost < 0) throw new GraphValidationException([new GraphProblem($"max_cost is {command.MaxCost}; it must be 0 or more.")]);

        using var span = RunSpans.Begin(runId, graph.Index.Graph, command.TraceParent);
        var request = await WithGraphAsync(graph.Index, await ToRequestAsync(runId, command));
        var spec = RunPlanner.Plan(graph.Index, request) with
        {
            TraceParent = RunSpans.TraceParentToStore(span, command.TraceParent),
            Scripted = options.Value.Scripted,
            Schedule = schedule,
            Webhook = webhook,
        };
        var planned = new GraphRun(graph.Index, spec, options.Value.RunLimits);
        return new RunPlan(
            spec,
            planned,
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
                Host = silo.Name,
                CreatedAt = spec.CreatedAt,
                QueuedAt = spec.CreatedAt,
            },
            [.. planned.DrainChanges().Select(execution => RunRows.Of(runId, execution, graph.Index.Node(execution.NodeId).BlockId))]);
    }

    /// <summary>Checks whether a run could start, without what only a run that starts needs.</summary>
    /// <param name="command">What would be run; by a user, not by a parent.</param>
    /// <returns>The version of the graph that would run.</returns>
    /// <exception cref="GraphNotFoundException">The graph is not there, or belongs to another user.</exception>
    /// <exception cref="GraphValidationException">The graph cannot run as asked.</exception>
    public async Task<Graph> CheckAsync(StartRun command)
    {
        var graph = await FindGraphAsync(command);
        RunPlanner.Plan(graph.Index, await WithGraphAsync(graph.Index, await ToRequestAsync(Guid.Empty, command, userTimeZone: "UTC")));
        return graph.Index.Graph;
    }

    /// <summary>A cached graph suffices: the statement that stores the run, or the schedule of it, makes sure that the graph is not deleted.</summary>
    private async Task<CachedGraph> FindGraphAsync(StartRun command)
    {
        var graph = command.GraphVersion is { } asked
            ? await graphs.FindForRunAsync(command.GraphId, asked, CancellationToken.None)
            : await graphs.FindAsync(command.GraphId, null, CancellationToken.None);
        return graph is { IsDeleted: false } && graph.UserId == command.UserId ? graph : throw GraphNotFound(command);
    }

    private async ValueTask<RunRequest> WithGraphAsync(GraphIndex graph, RunRequest request) =>
        await WithSubAgentsAsync(graph, await WithReviewsAsync(graph, await WithCredentialsAsync(graph, request)));

    private static GraphNotFoundException GraphNotFound(StartRun command) =>
        new(new GraphProblem($"Graph #{command.GraphId}{(command.GraphVersion is { } version ? $" version {version}" : "")} not found."));

    /// <summary>What is to be planned, without what depends on the graph.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="command">What is to be run.</param>
    /// <param name="userTimeZone">The zone of the user's profile; null to read it. A sub-agent has that of the run that starts it.</param>
    private async Task<RunRequest> ToRequestAsync(Guid runId, StartRun command, string? userTimeZone = null)
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
                MaxCost = command.MaxCost,
                IsDryRun = command.IsDryRun,
                Masks = Members(command.Masks.Memory.Span).ToImmutableDictionary(mask => mask.Key, mask => ToPins(mask.Value), StringComparer.Ordinal),
                UserTimeZone = userTimeZone ?? await grains.GetGrain<IUserGrain>(command.UserId).GetTimeZone(),
            };
        }

        var parent = await runs.FindAsync(parentId, CancellationToken.None)
            ?? throw new InvalidOperationException($"Run {parentId}, which starts run {runId}, is gone.");
        var spec = RunSpecCodec.Read(parent.Spec.Span);
        return request with
        {
            MaxCost = spec.MaxCost,
            IsDryRun = spec.IsDryRun,
            Masks = spec.Masks,
            UserTimeZone = spec.UserTimeZone,
            SkipsReviews = spec.SkipsReviews,
            ReviewsSensitiveActions = spec.ReviewsSensitiveActions,
            Parent = new ParentRun(parentId, nodeExecutionId, spec.RootRunId, spec.Depth),
        };
    }

    /// <summary>Reads the sub-agents of a run that a user starts, so that one with a placeholder is refused before anything runs (decision 35).</summary>
    private async ValueTask<RunRequest> WithSubAgentsAsync(GraphIndex graph, RunRequest request) =>
        request.Parent is not null || options.Value.Scripted || !graph.Graph.Nodes.Any(node => graph.FindBlock(node.Id) is { Kind: BlockKind.Agent })
            ? request
            : request with { SubAgents = await families.BelowForRunAsync(graph.Graph, request.UserId, CancellationToken.None) };

    /// <summary>Looks up the credentials that the run names. Those of a scenario are doubles, which nobody has stored, and a dry run uses none.</summary>
    private async ValueTask<RunRequest> WithCredentialsAsync(GraphIndex graph, RunRequest request)
    {
        var named = CredentialRules.Named(graph, request.Masks);
        return named.Count == 0 || request.IsDryRun || options.Value.Scripted ? request : request with { Credentials = await credentials.FindAsync(request.UserId, named, CancellationToken.None) };
    }

    /// <summary>Reads the settings of a graph that may ask a person. A sub-agent has those of the run that starts it (contract: semantics 2.15).</summary>
    private async ValueTask<RunRequest> WithReviewsAsync(GraphIndex graph, RunRequest request)
    {
        var mayAsk = graph.Graph.Nodes.Any(node => graph.FindBlock(node.Id) is { Kind: BlockKind.HumanInTheLoop or BlockKind.Agent } or { SensitiveAction: true });
        if (request.Parent is not null || request.IsDryRun || !mayAsk) return request;
        var safety = await settings.FindAsync(Guid.Parse(graph.Graph.Id), CancellationToken.None);
        return request with { SkipsReviews = !safety.ReviewsHumanInTheLoop, ReviewsSensitiveActions = safety.ReviewsSensitiveActions };
    }

    /// <summary>The caller's JSON without characters that PostgreSQL cannot store (contract: semantics section 0).</summary>
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

/// <summary>A run that is planned and not stored yet.</summary>
internal sealed record RunPlan(RunSpec Spec, GraphRun Run, NewRun Row, IReadOnlyList<NodeRow> Nodes);
