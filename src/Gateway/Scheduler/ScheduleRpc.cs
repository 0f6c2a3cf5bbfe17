using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Schedules;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.Scheduler;

/// <summary>Adds, deletes and lists schedules for the user that the arguments name (contract: schedules-others, "RPC, port 8003"; semantics 5.2).</summary>
/// <param name="grains">The grains.</param>
/// <param name="store">The rows of schedules.</param>
/// <param name="reader">Makes the answers.</param>
/// <param name="logger">The log.</param>
internal sealed partial class ScheduleRpc(IGrainFactory grains, IScheduleStore store, ScheduleReader reader, ILogger<ScheduleRpc> logger) : IRpcMethods
{
    /// <summary>The name of a schedule that is added without one: that of the job's function (contract: semantics 5.2, "Create (service)").</summary>
    private const string DefaultName = "execute_graph";

    /// <inheritdoc/>
    public IEnumerable<RpcMethod> Methods =>
    [
        new("/add_graph_execution_schedule", (arguments, aborted) => AddAsync(Read<AddScheduleArguments>(arguments), aborted)),
        new("/delete_graph_execution_schedule", (arguments, aborted) => DeleteAsync(Read<DeleteScheduleArguments>(arguments), aborted)),
        new("/get_graph_execution_schedules", (arguments, aborted) => ListAsync(Read<ListSchedulesArguments>(arguments), aborted)),
    ];

    private async Task<JsonNode?> AddAsync(AddScheduleArguments arguments, CancellationToken aborted)
    {
        if (arguments.UserId.Length == 0) throw RpcException.Wrong("user_id: It must not be empty.");
        if (arguments.GraphVersion < 1) throw RpcException.Wrong("graph_version: It must be 1 or more.");
        if (ToId(arguments.GraphId) is not { } graphId) throw GraphNotFound($"Graph #{arguments.GraphId} version {arguments.GraphVersion} not found.");
        var id = Guid.NewGuid();
        if (arguments.UserTimezone is null) WithoutZone(id);
        var answer = await grains.GetGrain<IScheduleGrain>(id).Create(arguments.UserId, new ScheduleDefinition
        {
            GraphId = graphId,
            GraphVersion = arguments.GraphVersion,
            Name = arguments.Name ?? DefaultName,
            Cron = arguments.Cron,
            // Whatever CRON_DIALECT is: the callers of this interface build expressions for APScheduler (contract: decision 13).
            Dialect = CronDialect.Apscheduler.WireName(),
            TimeZone = arguments.UserTimezone,
            Inputs = ScheduleCommands.Object(arguments.InputData),
            Credentials = ScheduleCommands.Object(arguments.InputCredentials),
        });
        Require(answer);
        return Json(reader.Details(await store.FindAsync(id, aborted) ?? throw NotFound(id.ToString())));
    }

    private async Task<JsonNode?> DeleteAsync(DeleteScheduleArguments arguments, CancellationToken aborted)
    {
        if (ToId(arguments.ScheduleId) is not { } id || await store.FindAsync(id, aborted) is not { } row) throw NotFound(arguments.ScheduleId);
        var answer = await grains.GetGrain<IScheduleGrain>(id).Delete(arguments.UserId);
        if (answer.Verdict == ScheduleVerdict.NotFound) throw NotFound(arguments.ScheduleId);
        Require(answer);
        return Json(reader.Info(row));
    }

    private async Task<JsonNode?> ListAsync(ListSchedulesArguments arguments, CancellationToken aborted)
    {
        Guid? graphId = null;
        if (arguments.GraphId is { } text)
        {
            // No schedule has a graph whose id is no UUID.
            if (ToId(text) is not { } known) return new JsonArray();
            graphId = known;
        }

        return Json((await store.ListAsync(new ScheduleFilter(arguments.UserId, graphId), aborted)).Select(reader.Info).ToList());
    }

    /// <summary>The arguments of a method, whose shape is checked as that of a body of the API.</summary>
    private static T Read<T>(JsonElement arguments)
    {
        try
        {
            BodyCheck.Require(arguments, typeof(T));
        }
        catch (ApiException refusal) when (refusal.Body is IReadOnlyList<ValidationProblem> problems)
        {
            throw RpcException.Wrong(string.Join("; ", problems.Select(problem => $"{string.Join('.', problem.Loc.Skip(1))}: {problem.Msg}")));
        }

        return arguments.Deserialize<T>(GatewayJson.Options)!;
    }

    private static void Require(ScheduleAnswer answer)
    {
        switch (answer.Verdict)
        {
            case ScheduleVerdict.Done:
                return;
            case ScheduleVerdict.Forbidden:
                throw new RpcException(StatusCodes.Status403Forbidden, "NotAuthorizedError", "The schedule belongs to another user.");
            case ScheduleVerdict.GraphNotFound:
                throw GraphNotFound(Text(answer));
            case ScheduleVerdict.Invalid:
                var ofGraph = answer.Problems.Any(problem => problem.NodeId is not null || problem.Field is null);
                throw new RpcException(StatusCodes.Status400BadRequest, ofGraph ? "GraphValidationError" : "ValueError", Text(answer));
            default:
                throw new InvalidOperationException($"The schedule answered {answer.Verdict}.");
        }
    }

    /// <summary>The problems in one text, each with the name of the argument that it is about.</summary>
    private static string Text(ScheduleAnswer answer) => string.Join("; ", answer.Problems.Select(problem => problem switch
    {
        { NodeId: null, Field: "timezone" } => $"user_timezone: {problem.Message}",
        { NodeId: null, Field: "inputs" } => $"input_data: {problem.Message}",
        { NodeId: null, Field: { } field } => $"{field}: {problem.Message}",
        _ => problem.Message,
    }));

    private static RpcException NotFound(string id) => new(StatusCodes.Status404NotFound, "NotFoundError", $"Schedule #{id} not found.");

    private static RpcException GraphNotFound(string message) => new(StatusCodes.Status400BadRequest, "GraphNotFoundError", message);

    private static Guid? ToId(string text) => Guid.TryParseExact(text, "D", out var id) ? id : null;

    private static JsonNode? Json<T>(T answer) => JsonSerializer.SerializeToNode(answer, GatewayJson.Options);

    [LoggerMessage(2700, LogLevel.Warning, "Schedule {ScheduleId} is added without a time zone; its times are UTC.")]
    private partial void WithoutZone(Guid scheduleId);
}

/// <summary>The arguments of <c>add_graph_execution_schedule</c>.</summary>
internal sealed record AddScheduleArguments
{
    public required string UserId { get; init; }

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public required string Cron { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> InputData { get; init; }

    public IReadOnlyDictionary<string, CredentialsMetaInput> InputCredentials { get; init; } = new Dictionary<string, CredentialsMetaInput>(StringComparer.Ordinal);

    public string? Name { get; init; }

    /// <summary>The IANA name of the zone of the expression; null for UTC.</summary>
    public string? UserTimezone { get; init; }
}

/// <summary>The arguments of <c>delete_graph_execution_schedule</c>.</summary>
internal sealed record DeleteScheduleArguments
{
    public required string ScheduleId { get; init; }

    public required string UserId { get; init; }
}

/// <summary>The arguments of <c>get_graph_execution_schedules</c>.</summary>
internal sealed record ListSchedulesArguments
{
    /// <summary>Schedules of this graph only; null for all.</summary>
    public string? GraphId { get; init; }

    /// <summary>Schedules of this user only; null for those of all users.</summary>
    public string? UserId { get; init; }
}
