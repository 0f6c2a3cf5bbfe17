using System.Text.Json;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;

namespace Grainflow.Gateway.Schedules;

/// <summary>Reads schedules for their owners, and sends them commands. What a schedule refuses ends the request with the contract's error.</summary>
internal sealed class ScheduleCommands(IGrainFactory grains, IScheduleStore store)
{
    /// <summary>A schedule of the caller.</summary>
    /// <param name="request">The request.</param>
    /// <param name="id">The schedule; null for a text that is no id.</param>
    /// <exception cref="ApiException">404: there is none; 403: it is another's.</exception>
    public async Task<ScheduleRow> FindAsync(ApiRequest request, Guid? id)
    {
        var row = id is { } known ? await store.FindAsync(known, request.Aborted) : null;
        if (row is null) throw NotFound(id);
        return row.UserId == request.Caller.UserId ? row : throw Foreign(row.Id);
    }

    /// <summary>Sends a command to a schedule and answers it as it is stored after it.</summary>
    /// <exception cref="ApiException">The schedule has refused the command.</exception>
    public async Task<ScheduleRow> SendAsync(ApiRequest request, Guid? id, Func<IScheduleGrain, Task<ScheduleAnswer>> command)
    {
        await RunAsync(request, id, command);
        return await store.FindAsync(id!.Value, request.Aborted) ?? throw NotFound(id);
    }

    /// <summary>Sends a command to a schedule.</summary>
    /// <exception cref="ApiException">The schedule has refused the command.</exception>
    public async Task<ScheduleAnswer> RunAsync(ApiRequest request, Guid? id, Func<IScheduleGrain, Task<ScheduleAnswer>> command)
    {
        if (id is not { } known) throw NotFound(id);
        var answer = await command(grains.GetGrain<IScheduleGrain>(known));
        return answer.Verdict switch
        {
            ScheduleVerdict.Done => answer,
            ScheduleVerdict.NotFound => throw NotFound(id),
            ScheduleVerdict.Forbidden => throw Foreign(known),
            // The contract tells the problems of a graph as text here, not by node (errors.tsv).
            ScheduleVerdict.Invalid => throw ApiException.Error(400, Text(answer)).BeforeAnyChange(),
            ScheduleVerdict.GraphNotFound => throw ApiException.Detail(404, Text(answer)).BeforeAnyChange(),
            ScheduleVerdict.Full => throw ApiException.Detail(429, Text(answer)).BeforeAnyChange(),
            ScheduleVerdict.Exists => throw ApiException.Detail(409, $"There is another schedule with id {known}."),
            _ => throw new InvalidOperationException($"Schedule {known} answered {answer.Verdict}."),
        };
    }

    /// <summary>The members that creation and change have in common.</summary>
    /// <param name="body">The body.</param>
    /// <param name="json">The same, to tell null from what is absent.</param>
    public static ScheduleDefinition Definition(ScheduleShape body, JsonElement json)
    {
        var policy = body.Policy;
        return new ScheduleDefinition
        {
            GraphVersion = body.GraphVersion,
            TimeZone = body.Timezone,
            Dialect = body.CronDialect,
            RunAt = body.RunAt is { } text ? ScheduleReader.Time("run_at", text) : null,
            Description = body.Description,
            Enabled = body.Enabled,
            Overlap = policy?.Overlap,
            CatchUp = policy?.CatchUpSeconds is { } catchUp ? TimeSpan.FromSeconds(catchUp) : null,
            Jitter = policy?.JitterSeconds is { } jitter ? TimeSpan.FromSeconds(jitter) : null,
            PauseAfterFailures = policy?.PauseAfterFailures,
            RepeatedTimes = policy?.RepeatedTimes,
            Window = policy?.Window is { } window ? Window(window, "policy.window.days") : null,
            WithoutWindow = policy is { Window: null } && json.GetProperty("policy").TryGetProperty("window", out _),
        };
    }

    /// <summary>The hours in which runs may start.</summary>
    /// <param name="window">The hours as the request has them.</param>
    /// <param name="member">The member of the days, for the error.</param>
    public static ExecutionWindow Window(ScheduleWindowBody window, string member) =>
        new() { Days = [.. window.Days.Select(day => ScheduleReader.Day(member, day)).Distinct()], From = window.From, To = window.To };

    /// <summary>A JSON object as payload of a grain message.</summary>
    public static JsonPayload Object(IReadOnlyDictionary<string, JsonElement> members) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(members, GatewayJson.Options));

    /// <summary>Credentials as payload of a grain message.</summary>
    public static JsonPayload Object(IReadOnlyDictionary<string, CredentialsMetaInput> members) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(members, GatewayJson.Options));

    /// <summary>The reasons of a refusal in one text, each with the member of the request that it is about.</summary>
    private static string Text(ScheduleAnswer answer) => string.Join("; ", answer.Problems.Select(problem =>
        problem is { NodeId: null, Field: { } field } ? $"{Member(field)}: {problem.Message}" : problem.Message));

    private static string Member(string field) =>
        field is "overlap" or "catch_up_seconds" or "jitter_seconds" or "pause_after_failures" or "repeated_times" or "window.days" or "window.from" or "window.to" ? $"policy.{field}" : field;

    private static ApiException NotFound(Guid? id) => ApiException.Detail(404, id is null ? "Schedule not found: the id is not a UUID." : $"Schedule #{id} not found.").BeforeAnyChange();

    private static ApiException Foreign(Guid id) => ApiException.Error(403, $"Schedule #{id} belongs to another user.").BeforeAnyChange();
}
