using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Grainflow.Engine.Monitoring;

/// <summary>An execution that did not start in time, or that has not ended in time.</summary>
/// <param name="Id">The execution.</param>
/// <param name="UserId">Its owner.</param>
/// <param name="GraphId">Its graph.</param>
/// <param name="GraphVersion">The version of the graph.</param>
/// <param name="Status"><c>QUEUED</c> for one that did not start, <c>RUNNING</c> for one that is stuck.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="StartedAt">When it started; null when it never did.</param>
/// <param name="IsReported">Whether it was reported with this status before.</param>
public sealed record LateExecution(
    Guid Id, string UserId, Guid GraphId, int GraphVersion, string Status, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, bool IsReported);

/// <summary>The result of a check for late executions.</summary>
/// <param name="Text">The result in words.</param>
/// <param name="Alert">The alert; null when every late execution was reported before, or none is late.</param>
/// <param name="New">The executions that the alert reports for the first time.</param>
public sealed record LateReport(string Text, Alert? Alert, IReadOnlyList<LateExecution> New);

/// <summary>
/// Which executions are late and what is said of them (contract: semantics 9.1). An execution stays late until its status changes, however old it is: the windows of
/// the contract end after an hour, and what had waited for longer was never reported again ([Q], followed by its fix). Each execution is reported once for each status.
/// </summary>
public static class LateExecutions
{
    /// <summary>How long after its creation an execution that is still RUNNING counts as stuck.</summary>
    public static readonly TimeSpan StuckAfter = TimeSpan.FromHours(24);

    /// <summary>The most executions of each status that are looked at. Those that were not reported yet come first.</summary>
    public const int MostPerStatus = 1000;

    /// <summary>How many executions the message shows with their details.</summary>
    public const int MostDetails = 5;

    /// <summary>Executions that are QUEUED and were created before this time are late.</summary>
    /// <param name="now">The time.</param>
    /// <param name="threshold">How long an execution may wait.</param>
    public static DateTimeOffset UnstartedBefore(DateTimeOffset now, TimeSpan threshold) => now - threshold;

    /// <summary>Executions that are RUNNING and were created before this time are late.</summary>
    /// <param name="now">The time.</param>
    public static DateTimeOffset StuckBefore(DateTimeOffset now) => now - StuckAfter;

    /// <summary>What is said of the late executions.</summary>
    /// <param name="late">The late executions, at most <see cref="MostPerStatus"/> of each status.</param>
    /// <param name="threshold">How long an execution may wait.</param>
    public static LateReport Report(IReadOnlyCollection<LateExecution> late, TimeSpan threshold)
    {
        if (late.Count == 0) return new LateReport("No late executions detected.", Alert: null, []);
        var fresh = late.Where(execution => !execution.IsReported).ToList();
        if (fresh.Count == 0) return new LateReport($"No new late executions; {late.Count} reported before are still late.", Alert: null, []);

        var queued = late.Count(execution => execution.Status == "QUEUED");
        var running = late.Count - queued;
        var users = late.Select(execution => execution.UserId).Distinct(StringComparer.Ordinal).Count();
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{late.Count}{OrMore(Math.Max(queued, running))} late executions of {users} users: {queued}{OrMore(queued)} QUEUED for more than {threshold.TotalSeconds} s, {running}{OrMore(running)} RUNNING for more than {StuckAfter.TotalHours} h; {fresh.Count} are new.");
        var shown = fresh
            .OrderBy(execution => execution.StartedAt ?? DateTimeOffset.MinValue)
            .ThenBy(execution => execution.CreatedAt)
            .ThenBy(execution => execution.Id)
            .Take(MostDetails)
            .ToList();
        var message = new StringBuilder(title);
        foreach (var execution in shown)
        {
            message.Append(CultureInfo.InvariantCulture, $"\n- execution {execution.Id}, graph {execution.GraphId} version {execution.GraphVersion}, user {execution.UserId}, ")
                .Append(CultureInfo.InvariantCulture, $"{execution.Status}, created {Time(execution.CreatedAt)}, {(execution.StartedAt is { } started ? $"started {Time(started)}" : "never started")}");
        }

        if (fresh.Count > shown.Count) message.Append(CultureInfo.InvariantCulture, $"\n- and {fresh.Count - shown.Count} more");
        var details = new JsonObject
        {
            ["total"] = late.Count,
            ["queued"] = queued,
            ["running"] = running,
            ["new"] = fresh.Count,
            ["users"] = users,
            ["executions"] = new JsonArray([.. shown.Select(Details)]),
        };
        return new LateReport(message.ToString(), new Alert(AlertTypes.LateExecutions, AlertChannels.Platform, title, message.ToString(), details), fresh);
    }

    private static JsonNode Details(LateExecution execution) => new JsonObject
    {
        ["graph_exec_id"] = execution.Id.ToString(),
        ["graph_id"] = execution.GraphId.ToString(),
        ["graph_version"] = execution.GraphVersion,
        ["user_id"] = execution.UserId,
        ["status"] = execution.Status,
        ["created_at"] = Time(execution.CreatedAt),
        ["started_at"] = execution.StartedAt is { } started ? Time(started) : null,
    };

    /// <summary>Says that there may be more, when as many of one status were read as are looked at.</summary>
    private static string OrMore(int ofStatus) => ofStatus >= MostPerStatus ? " or more" : "";

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
