using System.Text;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Onboarding;
using Grainflow.Engine.Scheduling;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Onboarding;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Schedules.Workflows;

/// <summary>Schedules as triggers of workflows, in the shape of a workflow platform (contract: schedules-others, S4; decision 26). Cron expressions are of the dialect <c>standard</c>.</summary>
internal sealed class SchedulerEndpoints(ScheduleCommands schedules, ScheduleReader reader, IScheduleStore store, OnboardingReports onboarding, TimeProvider clock)
{
    private const string Origin = "scheduler";
    private const int LongestTriggerId = 200;

    private static readonly string[] Ended = ["success", "failed", "skipped"];

    private static readonly TriggerTemplate[] Templates =
    [
        new() { Id = "hourly", Name = "Every hour", CronExpression = "0 * * * *" },
        new() { Id = "daily", Name = "Every day at 09:00", CronExpression = "0 9 * * *" },
        new() { Id = "weekdays", Name = "Monday to Friday at 09:00", CronExpression = "0 9 * * mon-fri" },
        new() { Id = "weekly", Name = "Every Monday at 09:00", CronExpression = "0 9 * * mon" },
        new() { Id = "monthly", Name = "On the first day of the month at 09:00", CronExpression = "0 9 1 * *" },
    ];

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, new Operation("POST", "/api/scheduler/register", "registerTrigger", "Runs a workflow at the times of a cron expression; again to change it", "scheduler") { Body = typeof(RegisterTrigger), Answers = [typeof(TriggerRegistered)] }, RegisterAsync);
        Map(routes, new Operation("POST", "/api/scheduler/unregister", "unregisterTrigger", "Deletes a trigger and its history", "scheduler") { Body = typeof(UnregisterTrigger), Answers = [typeof(TriggerChanged)] }, UnregisterAsync);
        Map(routes, new Operation("POST", "/api/scheduler/pause", "pauseTrigger", "Stops a trigger from firing, or lets it go on", "scheduler") { Body = typeof(PauseTrigger), Answers = [typeof(TriggerChanged)] }, PauseAsync);
        Map(
            routes,
            new Operation("GET", "/api/scheduler/history", "triggerHistory", "What triggers did, newest first, with statistics over all of it", "scheduler")
            {
                Parameters =
                [
                    Parameter.QueryText("triggerId", required: false),
                    new Parameter("limit", "query", false, """{"type": "integer", "maximum": 1000, "minimum": 1, "default": 50}"""),
                ],
                Answers = [typeof(TriggerHistory)],
            },
            HistoryAsync);
        Map(routes, new Operation("GET", "/api/scheduler/templates", "triggerTemplates", "Expressions to begin with", "scheduler") { Answers = [typeof(TriggerTemplate[])] }, _ => Task.FromResult(ApiResponse.Ok(Templates)));
    }

    private static void Map(IEndpointRouteBuilder routes, Operation operation, Func<ApiRequest, Task<ApiResponse>> handle) => routes.MapOperation(operation, async request =>
    {
        try
        {
            return await handle(request);
        }
        catch (ApiException refusal) when (refusal.Status != 422)
        {
            var error = refusal.Message.StartsWith("cron: ", StringComparison.Ordinal) ? "cronExpression" + refusal.Message[4..] : refusal.Message;
            throw ApiException.Plain(refusal.Status, new TriggerFailure { Success = false, Error = error }, error);
        }
    });

    private async Task<ApiResponse> RegisterAsync(ApiRequest request)
    {
        var body = request.BodyAs<RegisterTrigger>();
        var user = request.Caller.UserId;
        var id = IdOf(user, body.TriggerId);
        if (!Guid.TryParseExact(body.WorkflowId, "D", out var workflow)) throw ApiException.Detail(404, $"Workflow '{body.WorkflowId}' not found.");
        if (body.MaxConcurrent is not (null or 1)) throw ScheduleReader.Wrong("maxConcurrent", "it must be 1, or be left out for no limit.");
        var timezone = body.Timezone ?? "UTC";
        var definition = new ScheduleDefinition
        {
            GraphId = workflow,
            Name = body.TriggerId,
            Cron = body.CronExpression,
            Dialect = CronDialect.Standard.WireName(),
            TimeZone = timezone,
            Enabled = body.Enabled ?? true,
            Inputs = ScheduleCommands.Object(body.Inputs ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal)),
            Window = body.Window is { } window ? ScheduleCommands.Window(window, "window.days") : null,
            WithoutWindow = body.Window is null,
            Overlap = body.MaxConcurrent == 1 ? "skip" : "allow",
            Origin = Origin,
            OriginKey = JsonValues.CleanText(body.TriggerId),
            ValidateOnly = body.ValidateOnly ?? false,
        };
        var stored = await store.FindAsync(id, request.Aborted);
        if (stored is not null && stored.GraphId != workflow) throw ApiException.Detail(409, $"Trigger '{body.TriggerId}' is registered for workflow {stored.GraphId}; unregister it first.");
        await schedules.RunAsync(request, id, schedule => stored is null ? schedule.Create(user, definition) : schedule.Update(user, definition));
        if (stored is null && !definition.ValidateOnly) await onboarding.CompleteAsync(user, OnboardingSteps.ScheduleAgent);

        // The schedule has accepted both, so they can be read.
        var times = new ScheduleTimes(CronExpression.Parse(body.CronExpression, CronDialect.Standard), reader.Zone(timezone));
        var preview = SchedulePreview.Of(times, clock.GetUtcNow(), SchedulePreview.DefaultCount);
        return ApiResponse.Ok(new TriggerRegistered
        {
            Success = true,
            Message = $"Trigger '{body.TriggerId}' is {(definition.ValidateOnly ? "valid" : stored is null ? "registered" : "changed")}: {preview.Description} ({timezone}).",
            NextRuns = preview.Next,
            Warning = preview.Warning,
        });
    }

    private async Task<ApiResponse> UnregisterAsync(ApiRequest request)
    {
        var body = request.BodyAs<UnregisterTrigger>();
        await KnownAsync(request, body.TriggerId);
        await schedules.RunAsync(request, IdOf(request.Caller.UserId, body.TriggerId), schedule => schedule.Delete(request.Caller.UserId));
        return ApiResponse.Ok(new TriggerChanged { Success = true, Message = $"Trigger '{body.TriggerId}' is unregistered." });
    }

    private async Task<ApiResponse> PauseAsync(ApiRequest request)
    {
        var body = request.BodyAs<PauseTrigger>();
        await KnownAsync(request, body.TriggerId);
        var enabled = body.Action == "resume";
        await schedules.RunAsync(request, IdOf(request.Caller.UserId, body.TriggerId), schedule => schedule.Update(request.Caller.UserId, new ScheduleDefinition { Enabled = enabled }));
        return ApiResponse.Ok(new TriggerChanged { Success = true, Message = $"Trigger '{body.TriggerId}' is {(enabled ? "resumed" : "paused")}." });
    }

    private async Task<ApiResponse> HistoryAsync(ApiRequest request)
    {
        var limit = request.QueryNumber("limit", 50, least: 1, most: 1000)!.Value;
        request.Require();
        var triggers = request.QueryText("triggerId") is { } triggerId
            ? [await KnownAsync(request, triggerId)]
            : await store.ListAsync(new ScheduleFilter(request.Caller.UserId, Origin: ScheduleOrigin.Scheduler, IncludeDisabled: true), request.Aborted);
        var byId = triggers.ToDictionary(row => row.Id);
        var all = new FiringFilter(request.Caller.UserId, [.. byId.Keys], Limit: limit) { Statuses = Ended };
        var statistics = await store.StatisticsAsync(all, request.Aborted);
        return ApiResponse.Ok(new TriggerHistory
        {
            Executions = [.. (await store.HistoryAsync(all, request.Aborted)).Select(record => Execution(record, byId[record.Firing.ScheduleId]))],
            Stats = new TriggerStats
            {
                Total = statistics.Total,
                Successful = statistics.Successful,
                Failed = statistics.Failed,
                Skipped = statistics.Skipped,
                SuccessRate = statistics.SuccessRate,
                AvgDurationMs = statistics.AverageMilliseconds,
            },
        });
    }

    private static TriggerExecution Execution(FiringRecord record, ScheduleRow trigger)
    {
        var execution = ScheduleReader.Execution(record);
        return new TriggerExecution
        {
            ExecutionId = execution.Id,
            TriggerId = trigger.OriginKey ?? trigger.Name,
            WorkflowId = trigger.GraphId.ToString(),
            ScheduledAt = execution.ScheduledAt,
            ExecutedAt = execution.StartedAt,
            Status = execution.Status,
            Error = execution.Error,
            RunId = execution.GraphExecId,
            DurationMs = execution.DurationMs,
            Metadata = new TriggerMetadata { TriggeredBy = execution.TriggeredBy, Attempt = execution.Attempt, Occurrences = execution.Occurrences },
        };
    }

    private async Task<ScheduleRow> KnownAsync(ApiRequest request, string triggerId) =>
        await store.FindAsync(IdOf(request.Caller.UserId, triggerId), request.Aborted) ?? throw ApiException.Detail(404, $"Trigger '{triggerId}' is not registered.");

    /// <summary>The schedule of a trigger, so that a trigger that is registered twice at once is one.</summary>
    /// <exception cref="ApiException">400: the id of the trigger is empty or too long.</exception>
    private static Guid IdOf(string userId, string triggerId)
    {
        if (triggerId.Length is 0 or > LongestTriggerId || string.IsNullOrWhiteSpace(triggerId)) throw ScheduleReader.Wrong("triggerId", $"it must have 1 to {LongestTriggerId} characters that are not all blank.");
        return DerivedIds.Of(Encoding.UTF8.GetBytes($"{Origin}\n{userId}\n{triggerId}"));
    }
}
