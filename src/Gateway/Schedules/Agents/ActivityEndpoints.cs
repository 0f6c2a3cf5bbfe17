using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.Scheduling;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Schedules.Agents;

/// <summary>What agents did by their schedules (contract: schedules-others, S3, activities).</summary>
internal sealed class ActivityEndpoints(AgentFinder agents, AgentHistory history, IScheduleStore store)
{
    private const int DefaultLimit = 20;
    private const int MostActivities = 100;

    // What was skipped has started nothing.
    private static readonly string[] Statuses = ["pending", "running", "success", "failed"];

    private static readonly Parameter Limit = new("limit", "query", false, """{"type": "integer", "maximum": 100, "minimum": 1, "default": 20}""");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/agents/{name}/activities", "listAgentActivities", "What an agent did by its schedules, newest first", "agents", "schedules")
            {
                Parameters = [Parameter.PathText("name"), Parameter.QueryText("activity_type", required: false), Limit],
                Answers = [typeof(AgentActivity[])],
            },
            async request => await ListAsync(request, (await agents.FindAsync(request)).Id, request.QueryText("activity_type")));
        routes.MapOperation(
            new Operation("GET", "/api/activities/timeline", "listActivities", "What your agents did by their schedules, newest first", "agents", "schedules")
            {
                Parameters =
                [
                    Parameter.QueryText("activity_types", required: false), Parameter.QueryText("start_time", required: false), Parameter.QueryText("end_time", required: false), Limit,
                ],
                Answers = [typeof(AgentActivity[])],
            },
            request => ListAsync(request, graphId: null, request.QueryText("activity_types")));
    }

    private async Task<ApiResponse> ListAsync(ApiRequest request, Guid? graphId, string? types)
    {
        var limit = request.QueryNumber("limit", DefaultLimit, least: 1, most: MostActivities)!.Value;
        request.Require();
        DateTimeOffset? Time(string name) => request.QueryText(name) is { } text ? ScheduleReader.Time(name, text) : null;
        var (from, to) = (Time("start_time"), Time("end_time"));
        var wanted = types?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (wanted.Length > 0 && !wanted.Contains(AgentHistory.ScheduleStart)) return ApiResponse.Ok(Array.Empty<AgentActivity>());
        var schedules = await store.ListAsync(new ScheduleFilter(request.Caller.UserId, graphId, IncludeDisabled: true), request.Aborted);
        var filter = new FiringFilter(request.Caller.UserId, graphId is null ? null : [.. schedules.Select(row => row.Id)], Limit: limit) { Statuses = Statuses, From = from, To = to };
        return ApiResponse.Ok(await history.ActivitiesAsync(await store.HistoryAsync(filter, request.Aborted), schedules.ToDictionary(row => row.Id), request.Aborted));
    }
}
