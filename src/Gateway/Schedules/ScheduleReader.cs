using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Json;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Storage.Scheduling;
using Microsoft.Extensions.Options;
using NodaTime;

namespace Grainflow.Gateway.Schedules;

/// <summary>Reads zones and times of requests, and makes the answers about schedules out of what is stored.</summary>
internal sealed class ScheduleReader(IGrainFactory grains, TimeZones zones, IOptions<GatewayOptions> options)
{
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The name of the dialect of requests that name none (decision 13).</summary>
    public string DefaultDialect => options.Value.CronDialect;

    /// <summary>400 in form E that names the member and the reason.</summary>
    public static ApiException Wrong(string member, string reason) => ApiException.Error(400, $"{member}: {reason}").BeforeAnyChange();

    /// <summary>A zone by its name.</summary>
    /// <exception cref="ApiException">400: there is none of that name.</exception>
    public DateTimeZone Zone(string id)
    {
        try
        {
            return zones.Find(id);
        }
        catch (UnknownTimeZoneException refusal)
        {
            throw Wrong("timezone", refusal.Message);
        }
    }

    /// <summary>The zone of the user's profile where it is known, else UTC (contract: semantics 5.2).</summary>
    public async Task<DateTimeZone> ZoneOfAsync(string userId) => zones.FindOrNull(await grains.GetGrain<IUserGrain>(userId).GetTimeZone()) ?? DateTimeZone.Utc;

    /// <summary>A time in ISO 8601, in UTC where it has no offset.</summary>
    /// <param name="member">The member of the request, for the error.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="ApiException">400: it is no such time.</exception>
    public static DateTimeOffset Time(string member, string text) =>
        SchedulePreview.ReadFrom(text) ?? throw Wrong(member, $"'{text}' is not a time in ISO 8601; write it as 2026-03-01T09:00:00Z or 2026-03-01T10:00:00+01:00.");

    /// <summary>The number of a day, from 0 for Sunday.</summary>
    /// <param name="member">The member of the request, for the error.</param>
    /// <param name="name">The name, <c>sun</c> to <c>sat</c>.</param>
    /// <exception cref="ApiException">400: it is no day.</exception>
    public static int Day(string member, string name) =>
        Array.IndexOf(Days, name.ToLowerInvariant()) is var day and >= 0 ? day : throw Wrong(member, $"'{name}' is not a day; use {string.Join(", ", Days)}.");

    /// <summary>A schedule for a listing.</summary>
    public GraphExecutionJobInfo Info(ScheduleRow row)
    {
        var zone = ZoneOf(row);
        return new GraphExecutionJobInfo
        {
            ScheduleId = row.Id.ToString(),
            UserId = row.UserId,
            GraphId = row.GraphId.ToString(),
            GraphVersion = row.GraphVersion,
            AgentName = row.AgentName,
            Cron = row.Cron ?? "",
            InputData = Members(row.Inputs),
            InputCredentials = JsonSerializer.Deserialize<Dictionary<string, CredentialsMetaInput>>(row.Credentials.Span, GatewayJson.Options)!,
            Id = row.Id.ToString(),
            Name = row.Name,
            NextRunTime = row.NextAt is { } next ? ScheduleTimes.Local(next, zone) : null,
            Timezone = row.TimeZone,
            Kind = "graph",
            RunAt = row.RunAt,
            CronDialect = row.Dialect.WireName(),
            Enabled = row.Enabled,
            DisabledReason = row.DisabledReason,
            Description = row.Description,
            Policy = Policy(row.Policy),
            LastRunAt = row.LastRunAt,
            NextRunAt = row.NextAt,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        };
    }

    /// <summary>A schedule with its next occurrences.</summary>
    public GraphExecutionJobInfo Details(ScheduleRow row)
    {
        var (next, warning) = Outlook(row);
        return Info(row) with { Next = next, Warning = warning };
    }

    /// <summary>The next five occurrences of a schedule, none while it is disabled, and the warning about its dialect.</summary>
    public (IReadOnlyList<PreviewedTime> Next, string? Warning) Outlook(ScheduleRow row)
    {
        var zone = ZoneOf(row);
        if (row.NextAt is not { } first) return ([], null);
        if (row.Cron is null) return ([new PreviewedTime { Utc = first, Local = ScheduleTimes.Local(first, zone) }], null);
        var preview = SchedulePreview.Of(new ScheduleTimes(CronExpression.Parse(row.Cron, row.Dialect), zone, row.Policy.Repeated), first, SchedulePreview.DefaultCount);
        return (preview.Next, preview.Warning);
    }

    /// <summary>A row of a history.</summary>
    public static ScheduleExecution Execution(FiringRecord record)
    {
        var firing = record.Firing;
        var stats = StatsOf(record);
        return new ScheduleExecution
        {
            Id = firing.Id.ToString(),
            ScheduleId = firing.ScheduleId.ToString(),
            ScheduledAt = firing.Occurrence,
            LastScheduledAt = firing.LastOccurrence,
            Occurrences = firing.Occurrences,
            StartedAt = firing.StartedAt,
            CompletedAt = record.CompletedAt,
            Status = record.Status,
            TriggeredBy = firing.Trigger switch
            {
                FiringTrigger.Manual => "manual",
                FiringTrigger.Backfill => "backfill",
                _ => firing.Attempt > 1 ? "retry" : "schedule",
            },
            Attempt = firing.Attempt,
            GraphExecId = firing.State == FiringState.Started ? firing.Id.ToString() : null,
            DurationMs = record.DurationMilliseconds,
            Cost = stats.Cost,
            NodeExecCount = stats.NodeExecCount,
            NodeErrorCount = stats.NodeErrorCount,
            Error = record.Error,
        };
    }

    /// <summary>What was measured of the run of a row of a history.</summary>
    public static Stats StatsOf(FiringRecord record) => record.Stats is { } json ? JsonSerializer.Deserialize<Stats>(json.Span, GatewayJson.Options)! : new Stats();

    /// <summary>Statistics over a history.</summary>
    public static ScheduleStats Stats(FiringStatistics statistics) => new()
    {
        Total = statistics.Total,
        Successful = statistics.Successful,
        Failed = statistics.Failed,
        Skipped = statistics.Skipped,
        SuccessRate = statistics.SuccessRate,
        AvgDurationMs = statistics.AverageMilliseconds,
        TotalCost = statistics.Cost,
    };

    /// <summary>The members of a stored JSON object.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Members(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json.Span, GatewayJson.Options)!;

    /// <summary>The zone of a schedule. One that the data base of zones has lost since is shown in UTC; the scheduler disables such a schedule.</summary>
    private DateTimeZone ZoneOf(ScheduleRow row) => zones.FindOrNull(row.TimeZone) ?? DateTimeZone.Utc;

    private static SchedulePolicyBody Policy(SchedulePolicy policy) => new()
    {
        Overlap = policy.Overlap.WireName(),
        CatchUpSeconds = (int)policy.CatchUp.TotalSeconds,
        JitterSeconds = (int)policy.Jitter.TotalSeconds,
        PauseAfterFailures = policy.PauseAfterFailures,
        RepeatedTimes = policy.Repeated == RepeatedTimes.Both ? "both" : "first",
        Window = policy.Window is { } window
            ? new ScheduleWindowBody { Days = [.. window.Days.Order().Select(day => Days[(int)day])], From = Minute(window.From), To = Minute(window.To) }
            : null,
    };

    private static string Minute(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}
