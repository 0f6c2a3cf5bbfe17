using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Scheduling;
using Npgsql;

namespace Grainflow.Storage.Scheduling;

/// <summary>How rows of schedules and of their history are written and read.</summary>
internal static class ScheduleRows
{
    /// <summary>How many columns <see cref="Map"/> reads.</summary>
    public const int Count = 33;

    /// <summary>How many columns <see cref="MapFiring"/> reads.</summary>
    public const int FiringCount = 13;

    private static readonly string[] Origins = ["platform", "agents", "scheduler"];
    private static readonly string[] Triggers = ["schedule", "manual", "backfill"];
    private static readonly string[] States = ["pending", "buffered", "started", "skipped", "failed"];

    /// <summary>The columns of <c>schedules</c>; <see cref="Map"/> reads them in this order.</summary>
    public static RowColumns<ScheduleRow> Columns { get; } = new RowColumns<ScheduleRow>()
        .Uuid("id", row => row.Id)
        .Text("user_id", row => row.UserId)
        .Uuid("graph_id", row => row.GraphId)
        .Int("graph_version", row => row.GraphVersion)
        .Text("name", row => row.Name)
        .Text("agent_name", row => row.AgentName)
        .Text("description", row => row.Description)
        .Text("message", row => row.Message)
        .Text("cron", row => row.Cron)
        .Time("run_at", row => row.RunAt)
        .Text("dialect", row => row.Dialect.WireName())
        .Text("timezone", row => row.TimeZone)
        .Json("inputs", row => row.Inputs)
        .Json("credentials", row => row.Credentials)
        .Text("overlap", row => row.Policy.Overlap.WireName())
        .Interval("catch_up", row => row.Policy.CatchUp)
        .Interval("jitter", row => row.Policy.Jitter)
        .Int("pause_after_failures", row => row.Policy.PauseAfterFailures)
        .Text("repeated", row => row.Policy.Repeated == RepeatedTimes.Both ? "both" : "first")
        .Json("execution_window", row => row.Policy.Window is { } window ? WriteWindow(window) : null)
        .Bool("enabled", row => row.Enabled)
        .Text("disabled_reason", row => row.DisabledReason)
        .Text("origin", row => Origins[(int)row.Origin])
        .Text("origin_key", row => row.OriginKey)
        .Time("decided_to", row => row.DecidedTo)
        .Time("next_at", row => row.NextAt)
        .Time("due_at", row => row.DueAt)
        .Text("zone_rules", row => row.ZoneRules)
        .Time("failures_from", row => row.FailuresFrom)
        .Time("last_run_at", row => row.LastRunAt)
        .Time("created_at", row => row.CreatedAt)
        .Time("updated_at", row => row.UpdatedAt)
        .Bigint("revision", row => row.Revision);

    /// <summary>The columns of <c>schedule_firings</c>; <see cref="MapFiring"/> reads them in this order.</summary>
    public static RowColumns<FiringRow> FiringColumns { get; } = new RowColumns<FiringRow>()
        .Uuid("id", row => row.Id)
        .Uuid("schedule_id", row => row.ScheduleId)
        .Text("user_id", row => row.UserId)
        .Time("occurrence", row => row.Occurrence)
        .Time("last_occurrence", row => row.LastOccurrence)
        .Int("occurrences", row => row.Occurrences)
        .Text("trigger", row => Triggers[(int)row.Trigger])
        .Text("state", row => States[(int)row.State])
        .Int("attempt", row => row.Attempt)
        .Text("reason", row => row.Reason)
        .Time("created_at", row => row.CreatedAt)
        .Time("started_at", row => row.StartedAt)
        .Time("wake_at", row => row.WakeAt);

    /// <summary>The stored name of an origin.</summary>
    public static string Name(ScheduleOrigin origin) => Origins[(int)origin];

    /// <summary>Reads <see cref="Columns"/> from a column of a row on.</summary>
    public static ScheduleRow Map(NpgsqlDataReader row, int at = 0) => new()
    {
        Id = row.GetGuid(at),
        UserId = row.GetString(at + 1),
        GraphId = row.GetGuid(at + 2),
        GraphVersion = row.GetInt32(at + 3),
        Name = row.GetString(at + 4),
        AgentName = row.GetStringOrNull(at + 5),
        Description = row.GetStringOrNull(at + 6),
        Message = row.GetStringOrNull(at + 7),
        Cron = row.GetStringOrNull(at + 8),
        RunAt = row.GetTimeOrNull(at + 9),
        Dialect = CronDialects.TryParse(row.GetString(at + 10), out var dialect) ? dialect : throw new InvalidOperationException($"The stored dialect '{row.GetString(at + 10)}' is not known."),
        TimeZone = row.GetString(at + 11),
        Inputs = row.GetJson(at + 12),
        Credentials = row.GetJson(at + 13),
        Policy = new SchedulePolicy
        {
            Overlap = ScheduleOverlaps.Find(row.GetString(at + 14)) ?? throw new InvalidOperationException($"The stored value '{row.GetString(at + 14)}' is not known."),
            CatchUp = row.GetTimeSpan(at + 15),
            Jitter = row.GetTimeSpan(at + 16),
            PauseAfterFailures = row.GetInt32(at + 17),
            Repeated = row.GetString(at + 18) == "both" ? RepeatedTimes.Both : RepeatedTimes.First,
            Window = row.GetBytesOrNull(at + 19) is { } window ? ReadWindow(window) : null,
        },
        Enabled = row.GetBoolean(at + 20),
        DisabledReason = row.GetStringOrNull(at + 21),
        Origin = (ScheduleOrigin)IndexOf(Origins, row.GetString(at + 22)),
        OriginKey = row.GetStringOrNull(at + 23),
        DecidedTo = row.GetTime(at + 24),
        NextAt = row.GetTimeOrNull(at + 25),
        DueAt = row.GetTimeOrNull(at + 26),
        ZoneRules = row.GetString(at + 27),
        FailuresFrom = row.GetTime(at + 28),
        LastRunAt = row.GetTimeOrNull(at + 29),
        CreatedAt = row.GetTime(at + 30),
        UpdatedAt = row.GetTime(at + 31),
        Revision = row.GetInt64(at + 32),
    };

    /// <summary>Reads <see cref="FiringColumns"/> from a column of a row on.</summary>
    public static FiringRow MapFiring(NpgsqlDataReader row, int at = 0) => new()
    {
        Id = row.GetGuid(at),
        ScheduleId = row.GetGuid(at + 1),
        UserId = row.GetString(at + 2),
        Occurrence = row.GetTime(at + 3),
        LastOccurrence = row.GetTime(at + 4),
        Occurrences = row.GetInt32(at + 5),
        Trigger = (FiringTrigger)IndexOf(Triggers, row.GetString(at + 6)),
        State = (FiringState)IndexOf(States, row.GetString(at + 7)),
        Attempt = row.GetInt32(at + 8),
        Reason = row.GetStringOrNull(at + 9),
        CreatedAt = row.GetTime(at + 10),
        StartedAt = row.GetTimeOrNull(at + 11),
        WakeAt = row.GetTimeOrNull(at + 12),
    };

    /// <summary>The columns with a prefix, for a statement that joins.</summary>
    public static string Of<TRow>(string table, RowColumns<TRow> columns) => string.Join(", ", columns.Names.Split(", ").Select(name => $"{table}.{name}"));

    private static int IndexOf(string[] names, string name) =>
        Array.IndexOf(names, name) is >= 0 and var index ? index : throw new InvalidOperationException($"The stored value '{name}' is not known.");

    private static ReadOnlyMemory<byte> WriteWindow(ScheduleWindow window) => JsonSerializer.SerializeToUtf8Bytes(new StoredWindow(
        [.. window.Days.Select(day => (int)day).Order()],
        window.From.ToString("HH:mm", CultureInfo.InvariantCulture),
        window.To.ToString("HH:mm", CultureInfo.InvariantCulture)));

    private static ScheduleWindow ReadWindow(ReadOnlyMemory<byte> json)
    {
        var stored = JsonSerializer.Deserialize<StoredWindow>(json.Span) ?? throw new InvalidOperationException("A stored window is empty.");
        return new ScheduleWindow(
            stored.Days.Select(day => (DayOfWeek)day).ToHashSet(), TimeOnly.Parse(stored.From, CultureInfo.InvariantCulture), TimeOnly.Parse(stored.To, CultureInfo.InvariantCulture));
    }

    /// <summary>A window as it is stored.</summary>
    private sealed record StoredWindow(int[] Days, string From, string To);
}
