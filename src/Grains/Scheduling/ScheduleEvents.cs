using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Storage.Notifications;
using Grainflow.Storage.Scheduling;

namespace Grainflow.Grains.Scheduling;

/// <summary>
/// Makes the events that owners are told about their schedules (contract: decisions 16 and 42). The contract has no types for them (semantics 6.1), and a type that it does
/// not know counts as IMMEDIATE.
/// </summary>
internal static class ScheduleEvents
{
    /// <summary>The type of the event that schedules were removed because their graph is gone.</summary>
    public const string Removed = "SCHEDULES_REMOVED";

    /// <summary>The type of the event that a schedule was disabled because it can no longer run.</summary>
    public const string Disabled = "SCHEDULE_DISABLED";

    /// <summary>Schedules of one user and graph were removed, because the graph is gone.</summary>
    /// <param name="firingId">The occurrence that found out. It is deleted with its schedule, so it finds out once.</param>
    /// <param name="schedules">The schedules, at least one.</param>
    /// <param name="reason">Why, for the owner.</param>
    /// <param name="at">When.</param>
    public static NotificationEvent GraphGone(Guid firingId, IReadOnlyList<ScheduleRow> schedules, string reason, DateTimeOffset at) => new()
    {
        Key = $"{Removed}/{firingId}",
        Type = Removed,
        UserId = schedules[0].UserId,
        Data = Utf8(new JsonObject
        {
            ["graph_id"] = schedules[0].GraphId.ToString(),
            ["agent_name"] = schedules[0].AgentName,
            ["reason"] = reason,
            ["schedules"] = new JsonArray([.. schedules.Select(schedule => new JsonObject { ["schedule_id"] = schedule.Id.ToString(), ["schedule_name"] = schedule.Name })]),
        }),
        CreatedAt = at,
    };

    /// <summary>A schedule was disabled, because its graph refuses its inputs, or its times cannot be computed.</summary>
    /// <param name="schedule">The schedule as it was before. Its revision is part of the key: each disabling is told once.</param>
    /// <param name="reason">Why, for the owner.</param>
    /// <param name="at">When.</param>
    public static NotificationEvent CannotRun(ScheduleRow schedule, string reason, DateTimeOffset at) => new()
    {
        Key = string.Create(CultureInfo.InvariantCulture, $"{Disabled}/{schedule.Id}/{schedule.Revision}"),
        Type = Disabled,
        UserId = schedule.UserId,
        Data = Utf8(new JsonObject
        {
            ["schedule_id"] = schedule.Id.ToString(),
            ["schedule_name"] = schedule.Name,
            ["graph_id"] = schedule.GraphId.ToString(),
            ["agent_name"] = schedule.AgentName,
            ["reason"] = reason,
        }),
        CreatedAt = at,
    };

    private static byte[] Utf8(JsonObject data) => JsonSerializer.SerializeToUtf8Bytes(data);
}
