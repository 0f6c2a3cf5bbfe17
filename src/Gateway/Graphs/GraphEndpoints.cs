using Grainflow.Engine.Onboarding;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Onboarding;
using Grainflow.Gateway.Presets;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Storage.Graphs;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Graphs;

/// <summary>The routes of the contract's section Graphs, except those of runs.</summary>
internal sealed class GraphEndpoints(IGrainFactory grains, IGraphStore store, OwnAgents agents, GraphAnswers reader, OnboardingReports onboarding)
{
    private const int MaxGraphs = 250;
    private const int MaxVersions = 50;

    private static readonly Parameter GraphId = Parameter.PathText("graph_id");
    private static readonly Parameter ForExport = new("for_export", "query", false, """{"type": "boolean", "default": false}""");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/graphs", "getV1List user graphs", "The active versions of your graphs, newest first, at most 250", "v1", "graphs") { Answers = [typeof(GraphMeta[])], NewerAnswer = typeof(GraphRowAnswer[]) },
            ListAsync);
        routes.MapOperation(
            new Operation("POST", "/api/graphs", "postV1Create new graph", "Stores a graph as a new one of yours: it gets new ids", "v1", "graphs") { Body = typeof(CreateGraphBody), Answers = [typeof(GraphModel)], Counted = "create", Creates = true },
            CreateAsync);
        routes.MapOperation(
            new Operation("GET", "/api/graphs/{graph_id}", "getV1Get specific graph", "A version of a graph; without a version the highest one", "v1", "graphs")
            {
                Parameters = [GraphId, new Parameter("version", "query", false, """{"anyOf": [{"type": "integer"}, {"type": "null"}]}"""), ForExport],
                Answers = [typeof(GraphModel)],
            },
            request => GetAsync(request, request.QueryNumber("version", null)));
        routes.MapOperation(
            new Operation("PUT", "/api/graphs/{graph_id}", "putV1Update graph version", "Stores the next version of a graph", "v1", "graphs") { Parameters = [GraphId], Body = typeof(GraphBody), Answers = [typeof(GraphModel)], Counted = "update" },
            UpdateAsync);
        routes.MapOperation(
            new Operation("DELETE", "/api/graphs/{graph_id}", "deleteV1Delete graph permanently", "Deletes all versions of a graph and stops its runs", "v1", "graphs") { Parameters = [GraphId], Answers = [typeof(DeleteGraphResponse)], Counted = "delete" },
            DeleteAsync);
        routes.MapOperation(
            new Operation("GET", "/api/graphs/{graph_id}/cost-estimate", "getV1Estimate graph cost", "What a run of a graph will cost, per node and in all, as far as it can be known before", "v1", "graphs")
            {
                Parameters =
                [
                    GraphId,
                    new Parameter("version", "query", false, """{"anyOf": [{"type": "integer"}, {"type": "null"}]}"""),
                    Parameter.QueryText("inputs", required: false),
                    Parameter.QueryText("credentials_inputs", required: false),
                ],
                Answers = [typeof(CostEstimateAnswer)],
            },
            EstimateAsync);
        routes.MapOperation(
            new Operation("GET", "/api/graphs/{graph_id}/versions", "getV1Get all graph versions", "The versions of a graph, highest first, at most 50", "v1", "graphs") { Parameters = [GraphId], Answers = [typeof(GraphModel[])] },
            VersionsAsync);
        routes.MapOperation(
            new Operation("PUT", "/api/graphs/{graph_id}/versions/active", "putV1Set active graph version", "Makes a version the active one", "v1", "graphs") { Parameters = [GraphId], Body = typeof(SetGraphActiveVersion), NullableAnswer = true, NewerAnswer = typeof(ActivatedGraph), Counted = "activate" },
            ActivateAsync);
        routes.MapOperation(
            new Operation("GET", "/api/graphs/{graph_id}/versions/{version}", "getV1Get graph version", "A version of a graph", "v1", "graphs")
            {
                Parameters = [GraphId, Parameter.PathNumber("version"), ForExport],
                Answers = [typeof(GraphModel)],
            },
            request => GetAsync(request, request.PathNumber("version")));
        routes.MapOperation(
            new Operation("PATCH", "/api/graphs/{graph_id}/settings", "patchV1Update graph settings", "When runs of the graph wait for a person", "v1", "graphs") { Parameters = [GraphId], Body = typeof(GraphSettings), Answers = [typeof(GraphSettings)] },
            SetAsync);
    }

    private static ApiException NotFound(ApiRequest request) => ApiException.Detail(404, $"Graph #{request.Path("graph_id")} not found.");

    private async Task<ApiResponse> ListAsync(ApiRequest request)
    {
        var userId = request.Caller.UserId;
        if (request.IsNewerShape) return ApiResponse.Ok((await agents.HeadsAsync(userId, MaxGraphs, request.Aborted)).Select(head => GraphAnswers.Row(userId, head)));
        return ApiResponse.Ok((await store.ActiveOfUserAsync(userId, MaxGraphs, request.Aborted)).Select(GraphAnswers.Meta));
    }

    private async Task<ApiResponse> CreateAsync(ApiRequest request)
    {
        var graphId = request.Identity.ResourceId;
        // An earlier request with this key stored the graph, and only its answer was lost.
        if (request.IsRepeated && await store.FindAsync(graphId, null, request.Aborted) is { } stored) return ApiResponse.Ok(await reader.ReadAsync(stored, request.Aborted));
        var result = await grains.GetGrain<IGraphGrain>(graphId).Import(new ImportGraph
        {
            UserId = request.Caller.UserId,
            Document = ApiRequest.Payload(request.Body!.Value.GetProperty("graph")),
        });
        var answer = await StoredAsync(request, graphId, result);
        if (request.Body.Value.Member("source")?.GetString() == "builder") await onboarding.CompleteAsync(request.Caller.UserId, OnboardingSteps.BuilderSaveAgent);
        return answer;
    }

    private async Task<ApiResponse> UpdateAsync(ApiRequest request)
    {
        var body = request.Body!.Value;
        var given = body.TryGetProperty("id", out var id) ? id.GetString() : null;
        if (given is { Length: > 0 } && given != request.Path("graph_id")) throw ApiException.Detail(400, "Graph ID does not match ID in URI");
        if (request.PathId("graph_id") is not { } graphId) throw NotFound(request);

        var result = await grains.GetGrain<IGraphGrain>(graphId).Update(new ImportGraph { UserId = request.Caller.UserId, Document = ApiRequest.Payload(body) });
        if (result is { Version: 0, Problems.IsEmpty: true }) throw NotFound(request);
        return await StoredAsync(request, graphId, result);
    }

    private async Task<ApiResponse> StoredAsync(ApiRequest request, Guid graphId, CreateGraphResult result)
    {
        // The contract's error has room for one text, so only the first problem is shown.
        if (!result.Problems.IsEmpty) throw ApiException.Error(400, result.Problems[0].Message).BeforeAnyChange();
        var row = await store.FindAsync(graphId, result.Version, request.Aborted) ?? throw ApiException.Error(500, $"Graph #{graphId} was deleted while it was stored.");
        var stored = await reader.ReadAsync(row, request.Aborted) with
        {
            Warnings = [.. result.Warnings.Select(warning => new GraphWarning { Message = warning.Message, NodeId = warning.NodeId, Field = warning.Field })],
        };
        return ApiResponse.Ok(row.IsActive && row.Version > 1 ? stored with { PinnedPresets = await FollowAsync(request, row.Id, row.Version) } : stored);
    }

    /// <summary>Makes the triggered presets of a graph follow to the version that has become the active one.</summary>
    /// <returns>Those that stay with theirs.</returns>
    private async Task<IReadOnlyList<PinnedPresetInfo>> FollowAsync(ApiRequest request, Guid graphId, int version) =>
        [.. (await grains.GetGrain<IUserPresetsGrain>(request.Caller.UserId).FollowGraph(graphId, version))
            .Select(preset => new PinnedPresetInfo { Id = preset.Id.ToString(), Name = preset.Name, PinnedVersion = preset.Version })];

    private async Task<ApiResponse> GetAsync(ApiRequest request, int? version)
    {
        var forExport = request.QueryFlag("for_export");
        request.Require();
        var row = await FindAsync(request, version) ?? throw NotFound(request);
        if (!forExport) return ApiResponse.Ok(await reader.ReadAsync(row, request.Aborted));

        var exported = await grains.GetGrain<IGraphGrain>(row.Id).Export(request.Caller.UserId, row.Version);
        if (exported.IsEmpty) throw NotFound(request);
        return ApiResponse.Ok(Export(row, exported[0], [.. exported.Skip(1)]));
    }

    /// <summary>Inputs and credentials are those of "execute graph", each a JSON object in the query.</summary>
    private async Task<ApiResponse> EstimateAsync(ApiRequest request)
    {
        var version = request.QueryNumber("version", null);
        var inputs = request.QueryObject("inputs");
        var credentials = request.QueryObject("credentials_inputs");
        request.Require();
        return request.PathId("graph_id") is { } graphId && await grains.GetGrain<IGraphGrain>(graphId).EstimateCost(request.Caller.UserId, version, inputs, credentials) is { } estimate
            ? ApiResponse.Ok(estimate)
            : throw NotFound(request);
    }

    private static GraphModel Export(GraphRow row, ExportedGraph graph, IReadOnlyList<ExportedGraph> below) =>
        GraphAnswers.Model(
            row with { UserId = "" },
            GraphAnswers.Document(graph.Document.Memory),
            GraphAnswers.Facts(graph.Model.Memory),
            [.. below.Select(item => GraphAnswers.SubGraph(GraphAnswers.Document(item.Document.Memory), GraphAnswers.Facts(item.Model.Memory), isActive: true))]);

    private async Task<ApiResponse> VersionsAsync(ApiRequest request)
    {
        var rows = request.PathId("graph_id") is { } graphId ? await store.VersionsAsync(graphId, MaxVersions, request.Aborted) : [];
        var owned = rows.Where(row => row.UserId == request.Caller.UserId).ToList();
        return owned.Count > 0 ? ApiResponse.Ok(await reader.ReadManyAsync(owned, request.Aborted)) : throw NotFound(request);
    }

    private async Task<ApiResponse> ActivateAsync(ApiRequest request)
    {
        var isNewer = request.IsNewerShape;
        var version = request.Body!.Value.GetProperty("active_graph_version").GetInt32();
        if (request.PathId("graph_id") is not { } graphId || !await grains.GetGrain<IGraphGrain>(graphId).Activate(request.Caller.UserId, version))
            throw ApiException.Detail(404, $"Graph #{request.Path("graph_id")} v{version} not found");
        var behind = await FollowAsync(request, graphId, version);
        return ApiResponse.Ok(isNewer ? new ActivatedGraph { PinnedPresets = behind } : null);
    }

    private async Task<ApiResponse> SetAsync(ApiRequest request)
    {
        var settings = request.BodyAs<GraphSettings>();
        var isDone = request.PathId("graph_id") is { } graphId
            && await grains.GetGrain<IGraphGrain>(graphId).SetSafety(request.Caller.UserId, settings.HumanInTheLoopSafeMode, settings.SensitiveActionSafeMode);
        return isDone ? ApiResponse.Ok(settings) : throw NotFound(request);
    }

    private async Task<ApiResponse> DeleteAsync(ApiRequest request)
    {
        var deleted = request.PathId("graph_id") is { } graphId ? await grains.GetGrain<IGraphGrain>(graphId).Delete(request.Caller.UserId) : 0;
        return ApiResponse.Ok(new DeleteGraphResponse(deleted));
    }

    private async Task<GraphRow?> FindAsync(ApiRequest request, int? version)
    {
        if (request.PathId("graph_id") is not { } graphId) return null;
        var row = await store.FindAsync(graphId, version, request.Aborted);
        return row?.UserId == request.Caller.UserId ? row : null;
    }
}
