using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Reviews;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Graphs;

/// <inheritdoc cref="IGraphGrain"/>
[PreferLocalPlacement, StayingSilos]
internal sealed class GraphGrain(
    IGraphStore store, IGraphSettingsStore safety, DeletedGraphs deletedGraphs, GraphCache cache, GraphFamilies families, IBlockCatalogue catalogue, IIdSource ids, IOptions<ExecutionLogOptions> log, IKnownCredentials credentials,
    IOptions<GrainflowOptions> settings, TimeProvider clock)
    : Grain, IGraphGrain
{
    /// <summary>How often a store is tried while other writers store the same versions. An attempt fails only when another writer stored a row meanwhile.</summary>
    private const int MaxAttempts = 10;

    private Guid GraphId => this.GetPrimaryKey();

    /// <inheritdoc/>
    public async Task<CreateGraphResult> Create(CreateGraph command)
    {
        List<Graph> graphs;
        try
        {
            graphs = [.. command.Documents.Select(document => GraphDocument.Read(document.Memory.Span))];
        }
        catch (GraphValidationException exception)
        {
            return Refused(exception.Problems);
        }

        var problems = graphs.SelectMany(graph => GraphValidator.CheckStructure(graph, catalogue)).ToList();
        if (graphs.Count == 0 || !Guid.TryParse(graphs[0].Id, out var id) || id != GraphId)
            problems.Insert(0, new GraphProblem($"The first graph must have the id {GraphId}."));
        else if (await store.FindAsync(GraphId, null, CancellationToken.None) is { } stored && stored.UserId != command.UserId)
            problems.Insert(0, new GraphProblem($"Graph #{GraphId} belongs to another user."));
        if (problems.Count > 0) return Refused(problems);

        return await StoreAsync(graphs, command.UserId, asNextVersion: false);
    }

    /// <inheritdoc/>
    public async Task<CreateGraphResult> Import(ImportGraph command)
    {
        if (await store.FindAsync(GraphId, null, CancellationToken.None) is not null) return Refused([new GraphProblem($"Graph #{GraphId} exists already.")]);
        return await ImportAsync(command, nextVersion: null);
    }

    /// <inheritdoc/>
    public async Task<CreateGraphResult> Update(ImportGraph command)
    {
        var newest = await store.FindAsync(GraphId, null, CancellationToken.None);
        if (newest?.UserId != command.UserId) return new CreateGraphResult { Problems = [] };
        return await ImportAsync(command, newest.Version + 1);
    }

    /// <inheritdoc/>
    public async Task<JsonPayload?> MapCredentials(string userId, int version, JsonPayload credentials)
    {
        if (await FindAsync(userId, version) is not { } graph) return null;
        var below = await families.BelowAsync(graph.Graph, userId, [], CancellationToken.None);
        return JsonPayload.Wrap(JsonValues.CompactUtf8(GraphCredentials.Masks(below.Prepend(graph), JsonValues.ParseUtf8(credentials.Memory.Span))));
    }

    /// <inheritdoc/>
    public async Task<JsonPayload?> EstimateCost(string userId, int? version, JsonPayload inputs, JsonPayload credentials)
    {
        if (await FindAsync(userId, version) is not { } graph) return null;
        var below = await families.BelowAsync(graph.Graph, userId, [], CancellationToken.None);
        var masks = GraphCredentials.Masks(below.Prepend(graph), JsonValues.ParseUtf8(credentials.Memory.Span)).EnumerateObject()
            .ToDictionary(mask => mask.Name, mask => Members(mask.Value), StringComparer.Ordinal);
        var estimate = CostEstimator.Estimate(graph, below, Members(JsonValues.ParseUtf8(inputs.Memory.Span)), masks, settings.Value.RunLimits.MaxNodeExecutions);
        return JsonPayload.Wrap(JsonValues.CompactUtf8(estimate.ToJson(log.Value.ExecutionCostCountThreshold, log.Value.ExecutionCostPerThreshold)));
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<ExportedGraph>> Export(string userId, int version)
    {
        if (await FindAsync(userId, version) is not { } graph) return [];
        var below = await families.BelowAsync(graph.Graph, userId, [], CancellationToken.None);
        var copies = below.Prepend(graph).Select(item => new GraphIndex(GraphExport.Strip(item.Graph, catalogue), catalogue)).ToList();
        return
        [
            .. copies.Select((copy, index) => new ExportedGraph
            {
                Document = JsonPayload.Wrap(GraphDocument.Write(copy.Graph)),
                Model = JsonPayload.Wrap(JsonValues.CompactUtf8(GraphFacts.Of(copy, index == 0 ? copies[1..] : []))),
            }),
        ];
    }

    /// <inheritdoc/>
    public Task<bool> Activate(string userId, int version) => store.SetActiveAsync(GraphId, version, userId, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<bool> SetSafety(string userId, bool reviewsHumanInTheLoop, bool reviewsSensitiveActions)
    {
        if (await store.FindAsync(GraphId, null, CancellationToken.None) is not { } newest || newest.UserId != userId) return false;
        await safety.SetAsync(GraphId, new GraphSafety(reviewsHumanInTheLoop, reviewsSensitiveActions), CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public async Task<GraphSchemasView?> GetSchemas(string userId, int? version)
    {
        if (await FindAsync(userId, version) is not { } graph) return null;
        return new GraphSchemasView
        {
            Input = JsonPayload.Wrap(JsonValues.CompactUtf8(GraphSchemas.Input(graph))),
            Output = JsonPayload.Wrap(JsonValues.CompactUtf8(GraphSchemas.Output(graph))),
        };
    }

    /// <inheritdoc/>
    public async Task<int> Delete(string userId)
    {
        var newest = await store.FindAsync(GraphId, null, CancellationToken.None);
        if (newest?.UserId != userId)
        {
            // The process may have ended after an earlier call had deleted the graph and before its runs were stopped. StopRuns stops only runs of this user.
            if (newest is null && (await store.DeletedAsync([GraphId], CancellationToken.None)).Count > 0) deletedGraphs.StopRuns(GraphId, userId);
            return 0;
        }

        // The mark comes first: from then on no run can start, and runs that are under way are stopped even when this process ends now.
        var deleted = await store.DeleteAsync(GraphId, userId, clock.GetUtcNow(), CancellationToken.None);
        cache.Remove(GraphId);
        deletedGraphs.StopRuns(GraphId, userId);
        return deleted;
    }

    private static OrderedDictionary<string, JsonElement> Members(JsonElement json)
    {
        var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject()) members[member.Name] = member.Value;
        return members;
    }

    private static CreateGraphResult Refused(IEnumerable<GraphProblem> problems) => new() { Problems = Problems.From(problems) };

    private async Task<GraphIndex?> FindAsync(string userId, int? version) =>
        await cache.FindAsync(GraphId, version, CancellationToken.None) is { } graph && graph.UserId == userId ? graph.Index : null;

    private async Task<CreateGraphResult> ImportAsync(ImportGraph command, int? nextVersion)
    {
        try
        {
            var bundle = GraphDocument.ReadBundle(command.Document.Memory.Span, NewId);
            var known = await KnownAsync(bundle, command.UserId);
            // A document that a user has read and sends back names sub-graphs that are stored already. An update keeps those; only an import copies them.
            if (nextVersion is not null) bundle = bundle with { SubGraphs = [.. bundle.SubGraphs.Where(graph => !known.Contains((graph.Id, graph.Version)))] };
            var options = new GraphImportOptions { RootId = GraphId.ToString(), RootVersion = nextVersion, Known = known, KnownCredentials = await KnownCredentialsAsync(bundle, command.UserId) };
            var imported = GraphImport.Import(bundle, catalogue, command.UserId, NewId, options);
            var result = await StoreAsync([.. imported.Bundle.All], command.UserId, asNextVersion: nextVersion is not null);
            return result.Version == 0 ? result : result with { Warnings = Problems.From(imported.StoredWarnings()) };
        }
        catch (GraphValidationException exception)
        {
            return Refused(exception.Problems);
        }
    }

    private string NewId() => ids.NewId().ToString();

    /// <summary>Those of the credentials in values of file pickers that the user has.</summary>
    private async Task<HashSet<string>> KnownCredentialsAsync(GraphBundle bundle, string userId)
    {
        var named = bundle.All.SelectMany(PickerCredentials.Named).ToHashSet(StringComparer.Ordinal);
        return named.Count == 0 ? named : [.. (await credentials.FindAsync(userId, named, CancellationToken.None)).Keys];
    }

    /// <summary>The stored graphs of the user that a document contains or refers to.</summary>
    private async Task<HashSet<(string, int)>> KnownAsync(GraphBundle bundle, string userId)
    {
        var named = bundle.All.SelectMany(graph => AgentReferences.Of(graph, catalogue))
            .Concat(bundle.SubGraphs.Select(graph => (graph.Id, graph.Version)))
            .Distinct()
            .Where(reference => Guid.TryParse(reference.Item1, out _))
            .ToList();
        if (named.Count == 0) return [];
        var rows = await store.FindManyAsync([.. named.Select(reference => new GraphKey(Guid.Parse(reference.Item1), reference.Item2))], CancellationToken.None);
        var owned = rows.Where(row => row.UserId == userId).Select(row => new GraphKey(row.Id, row.Version)).ToHashSet();
        return [.. named.Where(reference => owned.Contains(new GraphKey(Guid.Parse(reference.Item1), reference.Item2)))];
    }

    /// <summary>
    /// Stores graphs, the root first, all or none. Another activation may store the same versions at the same time, so the insert decides and not what was
    /// read before. A version that is stored already with the same content counts as stored.
    /// </summary>
    /// <param name="graphs">The graphs.</param>
    /// <param name="userId">Their owner.</param>
    /// <param name="asNextVersion">True to store the root under the next free version; false to store it under its own version or not at all.</param>
    private async Task<CreateGraphResult> StoreAsync(List<Graph> graphs, string userId, bool asNextVersion)
    {
        var rows = await RowsAsync(graphs, userId);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (rows.Count == 0 || await store.InsertAsync(rows, CancellationToken.None)) return new CreateGraphResult { Version = graphs[0].Version, Problems = [] };
            if (asNextVersion)
            {
                var newest = await store.FindAsync(GraphId, null, CancellationToken.None);
                if (newest?.UserId != userId) return new CreateGraphResult { Problems = [] };
                if (newest.Version >= graphs[0].Version)
                {
                    graphs[0] = graphs[0] with { Version = newest.Version + 1 };
                    rows = await RowsAsync(graphs, userId);
                    continue;
                }
            }

            var stored = (await store.FindManyAsync([.. rows.Select(Key)], CancellationToken.None)).ToDictionary(Key);
            var taken = rows.FindAll(row => stored.TryGetValue(Key(row), out var other) && !IsSame(row, other));
            if (taken.Count > 0) return Refused(taken.Select(row => new GraphProblem($"Graph #{row.Id} version {row.Version} exists already, with other content.")));
            rows = rows.FindAll(row => !stored.ContainsKey(Key(row)));
            var deleted = await store.DeletedAsync([.. rows.Select(row => row.Id).Distinct()], CancellationToken.None);
            if (deleted.Count > 0) return Refused(deleted.Select(id => new GraphProblem($"Graph #{id} was deleted and its id cannot be used again yet. Use another id.")));
        }

        throw new InvalidOperationException($"Graph {GraphId} could not be stored: {MaxAttempts} times another writer was faster.");
    }

    private static GraphKey Key(GraphRow row) => new(row.Id, row.Version);

    private static bool IsSame(GraphRow row, GraphRow other) => row.UserId == other.UserId && row.Document.Span.SequenceEqual(other.Document.Span);

    private async Task<List<GraphRow>> RowsAsync(List<Graph> graphs, string userId)
    {
        var now = clock.GetUtcNow();
        var fresh = graphs.ConvertAll(graph => new GraphIndex(graph, catalogue));
        var rows = new List<GraphRow>();
        foreach (var graph in fresh)
        {
            var below = await families.BelowAsync(graph.Graph, userId, fresh, CancellationToken.None);
            rows.Add(new GraphRow
            {
                Id = Guid.Parse(graph.Graph.Id),
                Version = graph.Graph.Version,
                UserId = userId,
                Name = graph.Graph.Name,
                Description = graph.Graph.Description,
                IsActive = graph.Graph.IsActive,
                Document = GraphDocument.Write(graph.Graph),
                Model = JsonValues.CompactUtf8(GraphFacts.Of(graph, below)),
                CreatedAt = now,
            });
        }

        return rows;
    }
}
