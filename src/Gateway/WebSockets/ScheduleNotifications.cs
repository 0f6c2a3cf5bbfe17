using System.Text.Json;
using Grainflow.Gateway.Json;
using Grainflow.Grains.Interfaces.Scheduling;

namespace Grainflow.Gateway.WebSockets;

/// <summary>The payloads of notifications of schedules (contract: schedules-others, events; websocket, "Notification payload").</summary>
internal static class ScheduleNotifications
{
    private const string Event = "schedule";

    /// <summary>The payloads of a notice, in their order: what the schedule did, and the activity of the agent.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(ScheduleNotice notice)
    {
        var (schedule, execution) = (notice.ScheduleId.ToString(), notice.RunId.ToString());
        if (notice.Succeeded is { } succeeded)
        {
            yield return Json(new
            {
                Type = "schedule_execution_completed",
                Event,
                notice.Agent,
                ScheduleId = schedule,
                ExecutionId = execution,
                Status = succeeded ? "success" : "failed",
                notice.Error,
            });
        }
        else
        {
            yield return Json(new { Type = "schedule_execution_started", Event, notice.Agent, ScheduleId = schedule, ExecutionId = execution, notice.ScheduleName });
        }

        yield return Json(new
        {
            Type = "agent_activity",
            Event,
            AgentName = notice.Agent,
            ActivityId = execution,
            ActivityType = "schedule_start",
            ActivityState = notice.Succeeded switch { null => "started", true => "completed", false => "failed" },
            Action = $"Running: {notice.ScheduleName}",
            Timestamp = notice.At,
            Details = new { notice.ScheduleName, ScheduleId = schedule },
        });
    }

    private static ReadOnlyMemory<byte> Json<T>(T payload) => JsonSerializer.SerializeToUtf8Bytes(payload, GatewayJson.Options);
}
