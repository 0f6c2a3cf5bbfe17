using Grainflow.Engine.Onboarding;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Onboarding;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Schedules;

/// <summary>The routes of schedules: the contract's (semantics 5.2) and the additions of 5.5.</summary>
internal sealed class ScheduleEndpoints(ScheduleCommands schedules, ScheduleReader reader, IScheduleStore store, OnboardingReports onboarding, TimeProvider clock)
{
    private const int MostErrors = 10;

    private static readonly string[] Statuses = ["pending", "running", "success", "failed", "skipped"];

    private static readonly Parameter GraphId = Parameter.PathText("graph_id");
    private static readonly Parameter ScheduleId = Parameter.PathText("schedule_id");
    private static readonly Parameter IncludeDisabled = new("include_disabled", "query", false, """{"type": "boolean", "default": false}""");
    private static readonly Parameter Limit = new("limit", "query", false, """{"type": "integer", "maximum": 1000, "minimum": 1, "default": 50}""");

    private static readonly Parameter Status = new(
        "status", "query", false, $$"""{"anyOf": [{"type": "string", "enum": [{{string.Join(", ", Statuses.Select(status => $"\"{status}\""))}}]}, {"type": "null"}]}""");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("POST", "/api/graphs/{graph_id}/schedules", "postV1Create execution schedule", "Runs a graph at the times of a cron expression, or once", "v1", "schedules")
            {
                Creates = true,
                Parameters = [GraphId],
                Body = typeof(ScheduleCreationRequest),
                Answers = [typeof(GraphExecutionJobInfo)],
            },
            CreateAsync);
        routes.MapOperation(
            new Operation("GET", "/api/graphs/{graph_id}/schedules", "getV1List execution schedules for a graph", "Your schedules of a graph, oldest first", "v1", "schedules")
            {
                Parameters = [GraphId, IncludeDisabled],
                Answers = [typeof(GraphExecutionJobInfo[])],
            },
            async request => request.PathId("graph_id") is { } graphId ? await ListAsync(request, graphId) : ApiResponse.Ok(Array.Empty<GraphExecutionJobInfo>()));
        routes.MapOperation(
            new Operation("GET", "/api/schedules", "getV1List execution schedules for a user", "Your schedules, oldest first", "v1", "schedules")
            {
                Parameters = [IncludeDisabled],
                Answers = [typeof(GraphExecutionJobInfo[])],
            },
            request => ListAsync(request, graphId: null));
        routes.MapOperation(
            new Operation("DELETE", "/api/schedules/{schedule_id}", "deleteV1Delete execution schedule", "Deletes a schedule and its history; its runs stay", "v1", "schedules")
            {
                Parameters = [ScheduleId],
                Answers = [typeof(IdOnly)],
            },
            DeleteAsync);
        MapAdditions(routes);
    }

    private void MapAdditions(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/schedules/{schedule_id}", "getV1Get execution schedule", "A schedule with its next five occurrences", "v1", "schedules")
            {
                Parameters = [ScheduleId],
                Answers = [typeof(GraphExecutionJobInfo)],
            },
            async request => ApiResponse.Ok(reader.Details(await schedules.FindAsync(request, request.PathId("schedule_id")))));
        routes.MapOperation(
            new Operation("PATCH", "/api/schedules/{schedule_id}", "patchV1Update execution schedule", "Changes what the body has, and leaves the rest", "v1", "schedules")
            {
                Parameters = [ScheduleId],
                Body = typeof(ScheduleUpdateRequest),
                Answers = [typeof(GraphExecutionJobInfo)],
            },
            UpdateAsync);
        foreach (var (verb, enabled, summary) in new[]
                 {
                     ("enable", true, "Lets a schedule fire again; what was due in between is not made up for"), ("disable", false, "Stops a schedule from firing"),
                     ("resume", true, "The same as enable"), ("pause", false, "The same as disable"),
                 })
        {
            routes.MapOperation(
                new Operation("POST", $"/api/schedules/{{schedule_id}}/{verb}", $"postV1{char.ToUpperInvariant(verb[0])}{verb[1..]} execution schedule", summary, "v1", "schedules")
                {
                    Parameters = [ScheduleId],
                    Answers = [typeof(GraphExecutionJobInfo)],
                },
                request => EnableAsync(request, enabled));
        }

        routes.MapOperation(
            new Operation("POST", "/api/schedules/{schedule_id}/trigger", "postV1Trigger execution schedule", "Starts a run now; also while the schedule is disabled", "v1", "schedules")
            {
                Creates = true,
                Parameters = [ScheduleId],
                Answers = [typeof(ScheduleRuns)],
            },
            request => StartAsync(request, schedule => schedule.Trigger(request.Caller.UserId, request.Identity.ResourceId)));
        routes.MapOperation(
            new Operation("POST", "/api/schedules/{schedule_id}/backfill", "postV1Backfill execution schedule", "Starts the runs of the occurrences of a range that have not started one", "v1", "schedules")
            {
                Creates = true,
                Parameters = [ScheduleId],
                Body = typeof(BackfillBody),
                Answers = [typeof(ScheduleRuns)],
            },
            BackfillAsync);
        routes.MapOperation(
            new Operation("GET", "/api/schedules/{schedule_id}/executions", "getV1List executions of a schedule", "The history of a schedule, newest first, with statistics over all of it", "v1", "schedules")
            {
                Parameters = [ScheduleId, Limit, Status],
                Answers = [typeof(ScheduleExecutions)],
            },
            ExecutionsAsync);
        routes.MapOperation(
            new Operation("GET", "/api/schedules/followups", "listCopilotFollowupSchedules", "Your schedules of chat turns; there is no chat here, and so there are none", "v1", "schedules") { Answers = [typeof(CopilotTurnJobInfo[])] },
            _ => Task.FromResult(ApiResponse.Ok(Array.Empty<CopilotTurnJobInfo>())));
        routes.MapOperation(
            new Operation("GET", "/api/schedules/status", "getV1Scheduler status", "The state of the scheduler, for administrators", "v1", "schedules", "admin") { Answers = [typeof(SchedulerStatus)] },
            async request => ApiResponse.Ok(await StatusAsync(request)));
    }

    private async Task<ApiResponse> CreateAsync(ApiRequest request)
    {
        var body = request.BodyAs<ScheduleCreationRequest>();
        if (body.RunAt is null && !request.Body!.Value.TryGetProperty("cron", out _))
            throw ApiException.Invalid([new ValidationProblem("missing", ["body", "cron"], "Field required", request.Body.Value)]);
        var definition = ScheduleCommands.Definition(body, request.Body!.Value);
        if (request.PathId("graph_id") is not { } graphId || body.GraphVersion < 1)
            throw ApiException.Detail(404, $"Graph #{request.Path("graph_id")}{(body.GraphVersion is { } version ? $" v{version}" : "")} not found.").BeforeAnyChange();
        var row = await schedules.SendAsync(request, request.Identity.ResourceId, async schedule => await schedule.Create(request.Caller.UserId, definition with
        {
            GraphId = graphId,
            Name = body.Name,
            Cron = body.RunAt is not null && body.Cron.Length == 0 ? null : body.Cron,
            Dialect = definition.Dialect ?? reader.DefaultDialect,
            TimeZone = definition.TimeZone ?? (await reader.ZoneOfAsync(request.Caller.UserId)).Id,
            Inputs = ScheduleCommands.Object(body.Inputs),
            Credentials = ScheduleCommands.Object(body.Credentials),
        }));
        await onboarding.CompleteAsync(request.Caller.UserId, OnboardingSteps.ScheduleAgent);
        return ApiResponse.Ok(reader.Details(row));
    }

    private async Task<ApiResponse> ListAsync(ApiRequest request, Guid? graphId)
    {
        var filter = new ScheduleFilter(request.Caller.UserId, graphId, IncludeDisabled: request.QueryFlag("include_disabled"));
        request.Require();
        return ApiResponse.Ok((await store.ListAsync(filter, request.Aborted)).Select(reader.Info).ToList());
    }

    private async Task<ApiResponse> DeleteAsync(ApiRequest request)
    {
        await schedules.RunAsync(request, request.PathId("schedule_id"), schedule => schedule.Delete(request.Caller.UserId));
        return ApiResponse.Ok(new IdOnly { Id = request.Path("schedule_id") });
    }

    private async Task<ApiResponse> UpdateAsync(ApiRequest request)
    {
        var body = request.BodyAs<ScheduleUpdateRequest>();
        if (body.GraphVersion < 1) throw ScheduleReader.Wrong("graph_version", "it must be 1 or more.");
        var definition = ScheduleCommands.Definition(body, request.Body!.Value) with
        {
            Name = body.Name,
            Cron = body.Cron,
            Inputs = body.Inputs is { } inputs ? ScheduleCommands.Object(inputs) : null,
            Credentials = body.Credentials is { } credentials ? ScheduleCommands.Object(credentials) : null,
        };
        return ApiResponse.Ok(reader.Details(await schedules.SendAsync(request, request.PathId("schedule_id"), schedule => schedule.Update(request.Caller.UserId, definition))));
    }

    private async Task<ApiResponse> EnableAsync(ApiRequest request, bool enabled) => ApiResponse.Ok(reader.Details(await schedules.SendAsync(
        request, request.PathId("schedule_id"), schedule => schedule.Update(request.Caller.UserId, new ScheduleDefinition { Enabled = enabled }))));

    private async Task<ApiResponse> BackfillAsync(ApiRequest request)
    {
        var body = request.BodyAs<BackfillBody>();
        var (from, to) = (ScheduleReader.Time("from", body.From), ScheduleReader.Time("to", body.To));
        return await StartAsync(request, schedule => schedule.Backfill(request.Caller.UserId, from, to));
    }

    private async Task<ApiResponse> StartAsync(ApiRequest request, Func<IScheduleGrain, Task<ScheduleAnswer>> command)
    {
        var answer = await schedules.RunAsync(request, request.PathId("schedule_id"), command);
        return ApiResponse.Ok(new ScheduleRuns { ScheduleId = request.Path("schedule_id"), GraphExecIds = [.. answer.Runs.Select(run => run.ToString())] });
    }

    private async Task<ApiResponse> ExecutionsAsync(ApiRequest request)
    {
        var limit = request.QueryNumber("limit", 50, least: 1, most: 1000)!.Value;
        request.Require();
        var status = request.QueryText("status");
        if (status is not null && !Statuses.Contains(status)) throw ScheduleReader.Wrong("status", $"'{status}' is not a status; use {string.Join(", ", Statuses)}.");
        var row = await schedules.FindAsync(request, request.PathId("schedule_id"));
        var all = new FiringFilter(row.UserId, [row.Id], Limit: limit);
        // Read first: what the statistics count has then ended in the rows too.
        var statistics = await store.StatisticsAsync(all, request.Aborted);
        return ApiResponse.Ok(new ScheduleExecutions
        {
            Executions = [.. (await store.HistoryAsync(all with { Status = status }, request.Aborted)).Select(ScheduleReader.Execution)],
            Stats = ScheduleReader.Stats(statistics),
        });
    }

    /// <summary>The state of the scheduler.</summary>
    /// <exception cref="ApiException">403: the caller is no administrator.</exception>
    public async Task<SchedulerStatus> StatusAsync(ApiRequest request)
    {
        AdminPolicy.Require(request.Caller);
        var overview = await store.OverviewAsync(MostErrors, request.Aborted);
        return new SchedulerStatus
        {
            Running = overview.WakeAt is not { } wakeAt || clock.GetUtcNow() - wakeAt < ScheduleRule.OnTime,
            JobsCount = overview.Jobs,
            NextWakeUp = overview.WakeAt,
            LastErrors = [.. overview.Errors.Select(error => new SchedulerError { ScheduleId = error.ScheduleId.ToString(), At = error.At, Error = error.Reason })],
        };
    }
}
