using Grainflow.Engine.Execution;
using Grainflow.Gateway.Blocks;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Onboarding;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Executions;

/// <summary>The section Executions of the contract, and what the section Graphs has of runs.</summary>
internal sealed partial class ExecutionEndpoints(
    IGrainFactory grains, IExecutionQueries queries, RunShares shares, IRunStore runs, IGraphStore graphs, BlockList blocks, ExecutionStarter starter, OnboardingReports onboarding, IOptions<GatewayOptions> options,
    TimeProvider clock, ILogger<ExecutionEndpoints> logger)
{
    private const int MostExecutions = 250;
    private const int MostNodes = 1000;

    /// <summary>How often a call to a run is made before it fails: with its pauses, within 2 seconds when each fails at once.</summary>
    private const int MostCalls = 5;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private static readonly Parameter GraphId = Parameter.PathText("graph_id");
    private static readonly Parameter ExecutionId = Parameter.PathText("graph_exec_id");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("POST", "/api/graphs/{graph_id}/execute/{graph_version}", "postV1Execute graph agent", "Starts a run", "v1", "graphs")
            {
                Counted = "execute",
                Creates = true,
                Parameters = [GraphId, Parameter.PathNumber("graph_version"), Parameter.QueryText("preset_id", required: false)],
                Body = typeof(ExecuteGraphBody),
                BodyRequired = false,
                Answers = [typeof(GraphExecutionMeta)],
            },
            starter.ExecuteAsync);
        routes.MapOperation(
            new Operation("GET", "/api/graphs/{graph_id}/executions", "getV1List graph executions", "The runs of a graph, newest first, in pages", "v1", "graphs")
            {
                Parameters =
                [
                    GraphId,
                    new Parameter("page", "query", false, """{"type": "integer", "minimum": 1, "default": 1}"""),
                    new Parameter("page_size", "query", false, """{"type": "integer", "maximum": 100, "minimum": 1, "default": 25}"""),
                ],
                Answers = [typeof(GraphExecutionsPaginated)],
            },
            PageAsync);
        routes.MapOperation(
            new Operation("GET", "/api/graphs/{graph_id}/executions/{graph_exec_id}", "getV1Get execution details", "A run with its results and what its nodes did", "v1", "graphs")
            {
                Parameters = [GraphId, ExecutionId],
                Answers = [typeof(GraphExecution), typeof(GraphExecutionWithNodes)],
            },
            GetAsync);
        routes.MapOperation(
            new Operation("POST", "/api/graphs/{graph_id}/executions/{graph_exec_id}/stop", "postV1Stop graph execution", "Stops a run and answers its state from before; null when it has ended", "v1", "graphs")
            {
                Parameters = [GraphId, ExecutionId],
                Answers = [typeof(GraphExecutionMeta)],
                NullableAnswer = true,
            },
            async request => ApiResponse.Ok((object?)(await StopAsync(request, request.PathId("graph_id"), request.PathId("graph_exec_id")))));
        routes.MapOperation(
            new Operation("GET", "/api/executions", "getV1List all executions", "Your runs, newest first, at most 250", "v1", "graphs") { Answers = [typeof(GraphExecutionMeta[])] },
            ListAsync);
        routes.MapOperation(
            new Operation("POST", "/api/executions", "postV1Stop graph executions", "Stops a run: the older form", "v1", "graphs")
            {
                Parameters = [Parameter.QueryText("graph_id", required: true), Parameter.QueryText("graph_exec_id", required: true)],
                Answers = [typeof(GraphExecutionMeta[])],
                Deprecated = true,
            },
            StopOldAsync);
        routes.MapOperation(
            new Operation("DELETE", "/api/executions/{graph_exec_id}", "deleteV1Delete graph execution", "Removes a run from your listings", "v1", "graphs") { Parameters = [ExecutionId], Status = 204 },
            DeleteAsync);
    }

    private async Task<ApiResponse> ListAsync(ApiRequest request) =>
        ApiResponse.Ok(await ExecutionReader.MetasAsync(await queries.OfUserAsync(request.Caller.UserId, MostExecutions, request.Aborted), shares, request.Aborted));

    private async Task<ApiResponse> PageAsync(ApiRequest request)
    {
        var page = request.QueryNumber("page", 1, least: 1)!.Value;
        var size = request.QueryNumber("page_size", 25, least: 1, most: 100)!.Value;
        request.Require();
        var found = request.PathId("graph_id") is { } graphId
            ? await queries.OfGraphAsync(request.Caller.UserId, graphId, page, size, request.Aborted)
            : new ExecutionPage([], 0);
        return ApiResponse.Ok(new GraphExecutionsPaginated
        {
            Executions = await ExecutionReader.MetasAsync(found.Rows, shares, request.Aborted),
            Pagination = new Pagination { TotalItems = (int)found.Total, TotalPages = (int)((found.Total + size - 1) / size), CurrentPage = page, PageSize = size },
        });
    }

    private async Task<ApiResponse> GetAsync(ApiRequest request)
    {
        var row = await FindAsync(request, request.PathId("graph_id"), request.PathId("graph_exec_id"));
        if (row is null || (await graphs.FindAsync(row.GraphId, row.GraphVersion, request.Aborted))?.UserId != request.Caller.UserId)
            throw ApiException.Detail(404, $"Graph execution #{request.Path("graph_exec_id")} does not exist.");
        onboarding.ResultsOpened(row.UserId, row.Id);
        var nodes = await runs.NodeExecutionsAsync(row.Id, MostNodes, request.Aborted);
        var outputs = await queries.OutputsAsync(row.Id, await blocks.OutputBlocksAsync(), request.Aborted);
        var token = (await shares.TokensAsync([row.Id], request.Aborted)).Select(share => (Guid?)share.Value).SingleOrDefault();
        return ApiResponse.Ok(ExecutionReader.WithNodes(row, nodes, outputs, token));
    }

    private async Task<ApiResponse> StopOldAsync(ApiRequest request)
    {
        var (graphId, runId) = (request.RequiredQueryId("graph_id"), request.RequiredQueryId("graph_exec_id"));
        request.Require();
        GraphExecutionMeta[] stopped = await StopAsync(request, graphId, runId) is { } before ? [before] : [];
        return ApiResponse.Ok(stopped);
    }

    /// <summary>Stops a run that has not ended, and waits for its end (contract: semantics 2.14).</summary>
    private async Task<GraphExecutionMeta?> StopAsync(ApiRequest request, Guid? graphId, Guid? runId)
    {
        var row = await FindAsync(request, graphId, runId);
        if (row is null || IsFinal(row.Status)) return null;

        var run = grains.GetGrain<IGraphExecutionGrain>(row.Id);
        await RepeatAsync(request, row.Id, () => run.Stop(row.UserId));
        var started = clock.GetTimestamp();
        while (await RepeatAsync(request, row.Id, () => run.GetState(row.UserId)) is { } state && !IsFinal(state.Status))
        {
            if (clock.GetElapsedTime(started) >= options.Value.StopWait)
                throw ApiException.Error(500, $"Graph execution #{row.Id} still runs {options.Value.StopWait.TotalSeconds:0} seconds after it was told to stop.");
            await Task.Delay(LookAgain, clock, request.Aborted);
        }

        return ExecutionReader.Meta(row);
    }

    /// <summary>
    /// Repeats a call to a run that failed, at most <see cref="MostCalls"/> times: another activation may have opened the run, or its silo may have ended.
    /// </summary>
    /// <exception cref="ApiException">503 with <c>Retry-After</c>: the run cannot be reached, and it is not known whether the stop is recorded.</exception>
    private async Task<T> RepeatAsync<T>(ApiRequest request, Guid runId, Func<Task<T>> call)
    {
        var pause = LookAgain;
        for (var left = MostCalls; ; left--)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (!request.Aborted.IsCancellationRequested)
            {
                CallFailed(exception, runId);
                if (left == 1) throw ApiException.Unavailable($"Graph execution #{runId} cannot be reached, and may go on; stop it again in a moment.");
            }

            await Task.Delay(pause, clock, request.Aborted);
            pause *= 2;
        }
    }

    private async Task<ApiResponse> DeleteAsync(ApiRequest request)
    {
        if (request.PathId("graph_exec_id") is { } runId && await runs.DeleteAsync(runId, request.Caller.UserId, request.Aborted)) return ApiResponse.NoContent;
        // Not 404: the contract answers a database error here.
        throw ApiException.Error(500, $"Could not delete graph execution #{request.Path("graph_exec_id")}: not found");
    }

    private async Task<ExecutionRow?> FindAsync(ApiRequest request, Guid? graphId, Guid? runId)
    {
        if (graphId is null || runId is null) return null;
        var row = await queries.FindAsync(request.Caller.UserId, runId.Value, request.Aborted);
        return row?.GraphId == graphId ? row : null;
    }

    private static bool IsFinal(string status) => ExecutionStatuses.FinalNames.Contains(status);

    [LoggerMessage(1450, LogLevel.Warning, "Run {RunId}, which is to be stopped, did not answer a call.")]
    private partial void CallFailed(Exception exception, Guid runId);
}
