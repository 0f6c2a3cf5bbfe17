using System.Text.Json;
using Grainflow.Gateway.Blocks;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Executions;

/// <summary>Links to runs that anybody can open (contract: semantics 2.16). They show the name of the agent, the status and the outputs, and nothing else.</summary>
internal sealed class ShareEndpoints(RunShares shares, IExecutionQueries queries, IGraphStore graphs, BlockList blocks, IOptions<GatewayOptions> options, TimeProvider clock)
{
    private const string SharePath = "/api/graphs/{graph_id}/executions/{graph_exec_id}/share";

    private static readonly Parameter[] Run = [Parameter.PathText("graph_id"), Parameter.PathText("graph_exec_id")];

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("POST", SharePath, "postV1EnableExecutionSharing", "Gives a run a link that anybody can open; an earlier link does not open any more", "v1")
            {
                Parameters = Run,
                Body = typeof(ShareRequest),
                BodyRequired = false,
                Creates = true,
                Answers = [typeof(ShareResponse)],
            },
            ShareAsync);
        routes.MapOperation(
            new Operation("DELETE", SharePath, "deleteV1DisableExecutionSharing", "Takes the link of a run back", "v1") { Parameters = Run, Status = 204 },
            EndAsync);
        routes.MapOperation(
            new Operation("GET", "/api/public/shared/{share_token}", "getV1GetSharedExecution", "The outputs of a shared run", "v1")
            {
                Parameters = [new Parameter("share_token", "path", true, """{"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}""")],
                IsPublic = true,
                Answers = [typeof(SharedExecutionResponse)],
            },
            ReadAsync);
    }

    private static ApiException NotFound() => ApiException.Detail(404, "Execution not found").BeforeAnyChange();

    private async Task<ApiResponse> ShareAsync(ApiRequest request)
    {
        var token = request.Identity.ResourceId;
        if (request.PathId("graph_id") is not { } graphId || request.PathId("graph_exec_id") is not { } runId
            || !await shares.ShareAsync(request.Caller.UserId, graphId, runId, token, clock.GetUtcNow(), request.Aborted))
            throw NotFound();
        var site = (options.Value.FrontendBaseUrl ?? options.Value.PlatformBaseUrl)?.ToString().TrimEnd('/') ?? request.Origin;
        return ApiResponse.Ok(new ShareResponse { ShareUrl = $"{site}/share/{token}", ShareToken = token.ToString() });
    }

    private async Task<ApiResponse> EndAsync(ApiRequest request) =>
        request.PathId("graph_id") is { } graphId && request.PathId("graph_exec_id") is { } runId && await shares.EndAsync(request.Caller.UserId, graphId, runId, request.Aborted)
            ? ApiResponse.NoContent
            : throw NotFound();

    private async Task<ApiResponse> ReadAsync(ApiRequest request)
    {
        var token = request.PathUuid("share_token");
        request.Require();
        if (await shares.FindAsync(token, request.Aborted) is not { } share
            || await queries.FindAsync(share.UserId, share.RunId, request.Aborted) is not { } run
            || await graphs.FindForRunAsync(new GraphKey(run.GraphId, run.GraphVersion), request.Aborted) is not { } graph)
            throw ApiException.Detail(404, "Shared execution not found");
        var document = GraphAnswers.Document(graph.Document);
        var outputs = await queries.OutputsAsync(run.Id, await blocks.OutputBlocksAsync(), request.Aborted);
        return ApiResponse.Ok(new SharedExecutionResponse
        {
            Id = run.Id.ToString(),
            GraphName = document.Name,
            GraphDescription = document.Description,
            Status = Enum.Parse<AgentExecutionStatus>(run.Status),
            CreatedAt = share.CreatedAt,
            Outputs = outputs.ToDictionary(output => output.Name, output => output.Values, StringComparer.Ordinal),
        });
    }
}

/// <summary>The body of "share", which has nothing.</summary>
internal sealed record ShareRequest;

/// <summary>The link of a run.</summary>
internal sealed record ShareResponse
{
    public required string ShareUrl { get; init; }

    public required string ShareToken { get; init; }
}

/// <summary>What anybody with its link sees of a run.</summary>
internal sealed record SharedExecutionResponse
{
    public required string Id { get; init; }

    public required string GraphName { get; init; }

    public required string? GraphDescription { get; init; }

    public required AgentExecutionStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Outputs { get; init; }
}
