using System.Text.Json;
using Grainflow.Engine.Onboarding;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Onboarding;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Schedules.Agents;

/// <summary>The schedules of agents in the shape of a chat-agent platform (contract: schedules-others, S3; decision 26). Cron expressions are of the dialect <c>standard</c>.</summary>
internal sealed class AgentScheduleEndpoints(AgentFinder agents, AgentHistory history, ScheduleCommands schedules, ScheduleEndpoints scheduler, IScheduleStore store, OnboardingReports onboarding)
{
    private const string Schedules = "/api/agents/{name}/schedules";
    private const string Origin = "agents";

    private static readonly string Standard = CronDialect.Standard.WireName();
    private static readonly Parameter Name = Parameter.PathText("name");
    private static readonly Parameter ScheduleId = Parameter.PathText("schedule_id");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(new Operation("GET", Schedules, "listAgentSchedules", "The schedules of an agent, oldest first", "agents", "schedules") { Parameters = [Name], Answers = [typeof(AgentSchedule[])] }, ListAsync);
        routes.MapOperation(
            new Operation("POST", Schedules, "createAgentSchedule", "Sends a message to an agent at the times of a cron expression", "agents", "schedules")
            {
                Creates = true,
                Parameters = [Name],
                Body = typeof(AgentScheduleCreate),
                Status = 201,
                Answers = [typeof(AgentSchedule)],
            },
            CreateAsync);
        routes.MapOperation(
            new Operation("GET", Schedules + "/{schedule_id}", "getAgentSchedule", "A schedule of an agent", "agents", "schedules") { Parameters = [Name, ScheduleId], Answers = [typeof(AgentSchedule)] },
            async request => ApiResponse.Ok(Answer(await FindAsync(request))));
        routes.MapOperation(
            new Operation("PUT", Schedules + "/{schedule_id}", "updateAgentSchedule", "Changes what the body has, and leaves the rest", "agents", "schedules")
            {
                Parameters = [Name, ScheduleId],
                Body = typeof(AgentScheduleUpdate),
                Answers = [typeof(AgentSchedule)],
            },
            UpdateAsync);
        routes.MapOperation(
            new Operation("DELETE", Schedules + "/{schedule_id}", "deleteAgentSchedule", "Deletes a schedule and its history", "agents", "schedules") { Parameters = [Name, ScheduleId], Answers = [typeof(AgentSchedule)] },
            DeleteAsync);
        foreach (var (verb, enabled) in new[] { ("enable", true), ("disable", false) })
        {
            routes.MapOperation(
                new Operation("POST", $"{Schedules}/{{schedule_id}}/{verb}", $"{verb}AgentSchedule", enabled ? "Lets a schedule fire again" : "Stops a schedule from firing", "agents", "schedules")
                {
                    Parameters = [Name, ScheduleId],
                    Answers = [typeof(AgentSchedule)],
                },
                request => EnableAsync(request, enabled));
        }

        routes.MapOperation(
            new Operation("POST", Schedules + "/{schedule_id}/trigger", "triggerAgentSchedule", "Starts a run now", "agents", "schedules")
            {
                Creates = true,
                Parameters = [Name, ScheduleId],
                Answers = [typeof(AgentTriggered)],
            },
            TriggerAsync);
        MapExecutions(routes);
    }

    private void MapExecutions(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", Schedules + "/{schedule_id}/executions", "listAgentScheduleExecutions", "The executions of a schedule, newest first", "agents", "schedules")
            {
                Parameters = [Name, ScheduleId, Limit(50)],
                Answers = [typeof(AgentExecution[])],
            },
            async request =>
            {
                var limit = ReadLimit(request, 50);
                return await ExecutionsAsync(request, [await FindAsync(request)], limit);
            });
        routes.MapOperation(
            new Operation("GET", "/api/agents/{name}/executions", "listAgentExecutions", "The executions of all schedules of an agent, newest first", "agents", "schedules")
            {
                Parameters = [Name, Limit(100)],
                Answers = [typeof(AgentExecution[])],
            },
            async request =>
            {
                var limit = ReadLimit(request, 100);
                return await ExecutionsAsync(request, await OfAgentAsync(request), limit);
            });
        routes.MapOperation(
            new Operation("GET", "/api/agents/{name}/executions/{execution_id}", "getAgentExecution", "An execution of a schedule of an agent", "agents", "schedules")
            {
                Parameters = [Name, Parameter.PathText("execution_id")],
                Answers = [typeof(AgentExecution)],
            },
            ExecutionAsync);
        routes.MapOperation(
            new Operation("GET", "/api/agents/scheduler/status", "getAgentSchedulerStatus", "The state of the scheduler, for administrators", "agents", "schedules") { Answers = [typeof(SchedulerStatus)] },
            async request => ApiResponse.Ok(await scheduler.StatusAsync(request)));
    }

    private static Parameter Limit(int fallback) => new("limit", "query", false, $$"""{"type": "integer", "maximum": 100, "minimum": 1, "default": {{fallback}}}""");

    private static int ReadLimit(ApiRequest request, int fallback)
    {
        var limit = request.QueryNumber("limit", fallback, least: 1, most: 100)!.Value;
        request.Require();
        return limit;
    }

    private async Task<ApiResponse> ListAsync(ApiRequest request) => ApiResponse.Ok((await OfAgentAsync(request)).Select(Answer).ToList());

    private async Task<ApiResponse> CreateAsync(ApiRequest request)
    {
        var body = request.BodyAs<AgentScheduleCreate>();
        var agent = await agents.FindAsync(request);
        var message = body.Message ?? "";
        var row = await SendAsync(request, request.Identity.ResourceId, schedule => schedule.Create(request.Caller.UserId, new ScheduleDefinition
        {
            GraphId = agent.Id,
            GraphVersion = agent.Version,
            Name = body.Name,
            Cron = body.CronExpression,
            Dialect = Standard,
            TimeZone = body.Timezone,
            Message = message,
            Description = body.Description,
            Enabled = body.Enabled,
            Inputs = ScheduleCommands.Object(agent.Inputs(message, body.Inputs ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal))),
            Origin = Origin,
        }));
        await onboarding.CompleteAsync(request.Caller.UserId, OnboardingSteps.ScheduleAgent);
        return new ApiResponse(201, Answer(row));
    }

    private async Task<ApiResponse> UpdateAsync(ApiRequest request)
    {
        var body = request.BodyAs<AgentScheduleUpdate>();
        var agent = await agents.FindAsync(request);
        var stored = await FindAsync(request, agent);
        var definition = new ScheduleDefinition
        {
            Name = body.Name,
            Cron = body.CronExpression,
            TimeZone = body.Timezone,
            Message = body.Message,
            Description = body.Description,
            Enabled = body.Enabled,
            Inputs = body.Message is null && body.Inputs is null ? null : ScheduleCommands.Object(Inputs(agent, stored, body)),
        };
        return ApiResponse.Ok(Answer(await SendAsync(request, stored.Id, schedule => schedule.Update(request.Caller.UserId, definition))));
    }

    /// <summary>The inputs after a change: a new message takes the place of the old one, and inputs that are given take the place of all.</summary>
    private static IReadOnlyDictionary<string, JsonElement> Inputs(Agent agent, ScheduleRow stored, AgentScheduleUpdate body)
    {
        var message = body.Message ?? stored.Message ?? "";
        if (body.Inputs is { } given) return agent.Inputs(message, given);
        var ofMessage = agent.Inputs(message, new Dictionary<string, JsonElement>(StringComparer.Ordinal));
        return ScheduleReader.Members(stored.Inputs).Where(input => !ofMessage.ContainsKey(input.Key)).Concat(ofMessage).ToDictionary(StringComparer.Ordinal);
    }

    private async Task<ApiResponse> DeleteAsync(ApiRequest request)
    {
        var stored = await FindAsync(request);
        await RunAsync(request, stored.Id, schedule => schedule.Delete(request.Caller.UserId));
        return ApiResponse.Ok(Answer(stored));
    }

    private async Task<ApiResponse> EnableAsync(ApiRequest request, bool enabled)
    {
        var stored = await FindAsync(request);
        return ApiResponse.Ok(Answer(await SendAsync(request, stored.Id, schedule => schedule.Update(request.Caller.UserId, new ScheduleDefinition { Enabled = enabled }))));
    }

    private async Task<ApiResponse> TriggerAsync(ApiRequest request)
    {
        var stored = await FindAsync(request);
        var answer = await RunAsync(request, stored.Id, schedule => schedule.Trigger(request.Caller.UserId, request.Identity.ResourceId));
        return ApiResponse.Ok(new AgentTriggered { ExecutionId = answer.Runs[0].ToString(), Status = "pending" });
    }

    private async Task<ApiResponse> ExecutionAsync(ApiRequest request)
    {
        var rows = await OfAgentAsync(request);
        var found = request.PathId("execution_id") is { } id && rows.Count > 0
            ? await store.HistoryAsync(new FiringFilter(request.Caller.UserId, [.. rows.Select(row => row.Id)], Id: id, Limit: 1), request.Aborted)
            : [];
        return found.Count == 1
            ? ApiResponse.Ok((await history.ExecutionsAsync(found, rows.ToDictionary(row => row.Id), request.Aborted))[0])
            : throw ApiException.Detail(404, $"Execution #{request.Path("execution_id")} not found.");
    }

    private async Task<ApiResponse> ExecutionsAsync(ApiRequest request, IReadOnlyList<ScheduleRow> rows, int limit)
    {
        var records = rows.Count == 0 ? [] : await store.HistoryAsync(new FiringFilter(request.Caller.UserId, [.. rows.Select(row => row.Id)], Limit: limit), request.Aborted);
        return ApiResponse.Ok(await history.ExecutionsAsync(records, rows.ToDictionary(row => row.Id), request.Aborted));
    }

    private async Task<IReadOnlyList<ScheduleRow>> OfAgentAsync(ApiRequest request)
    {
        var agent = await agents.FindAsync(request);
        return await store.ListAsync(new ScheduleFilter(request.Caller.UserId, agent.Id, ScheduleOrigin.Agents, IncludeDisabled: true), request.Aborted);
    }

    private async Task<ScheduleRow> FindAsync(ApiRequest request) => await FindAsync(request, await agents.FindAsync(request));

    private async Task<ScheduleRow> FindAsync(ApiRequest request, Agent agent)
    {
        var row = await schedules.FindAsync(request, request.PathId("schedule_id"));
        return row.GraphId == agent.Id && row.Origin == ScheduleOrigin.Agents ? row : throw ApiException.Detail(404, $"Schedule #{row.Id} not found.").BeforeAnyChange();
    }

    private Task<ScheduleRow> SendAsync(ApiRequest request, Guid id, Func<IScheduleGrain, Task<ScheduleAnswer>> command) => RefusedAsync(() => schedules.SendAsync(request, id, command));

    private Task<ScheduleAnswer> RunAsync(ApiRequest request, Guid id, Func<IScheduleGrain, Task<ScheduleAnswer>> command) => RefusedAsync(() => schedules.RunAsync(request, id, command));

    /// <summary>What is wrong with a definition is 422 here, under the names of this interface.</summary>
    private static async Task<T> RefusedAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ApiException refusal) when (refusal.Status == 400)
        {
            throw ApiException.Detail(422, refusal.Message.StartsWith("cron: ", StringComparison.Ordinal) ? "cron_expression" + refusal.Message[4..] : refusal.Message).BeforeAnyChange();
        }
    }

    private static AgentSchedule Answer(ScheduleRow row) => new()
    {
        Id = row.Id.ToString(),
        AgentName = row.AgentName ?? "",
        Name = row.Name,
        CronExpression = row.Cron ?? "",
        Message = row.Message ?? "",
        Enabled = row.Enabled,
        Timezone = row.TimeZone,
        Description = row.Description,
        OwnerId = row.UserId,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        LastRunAt = row.LastRunAt,
        NextRunAt = row.NextAt,
    };
}
