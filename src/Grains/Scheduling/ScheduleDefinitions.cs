using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Scheduling;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;

namespace Grainflow.Grains.Scheduling;

/// <summary>Checks what users define, and makes rows of it. The field of a problem is the member of the request.</summary>
internal sealed class ScheduleDefinitions(ScheduleClock scheduleClock)
{
    private const int LongestName = 200;
    private const int LongestText = 2000;

    /// <summary>A new schedule; null with the problems when it is not valid.</summary>
    public (ScheduleRow? Row, ImmutableArray<GraphProblem> Problems) Create(Guid id, string userId, ScheduleDefinition definition, DateTimeOffset now)
    {
        var problems = new List<GraphProblem>();
        if (definition.GraphId is null) problems.Add(new GraphProblem("It is needed.", Field: "graph_id"));
        if (definition.Name is null) problems.Add(new GraphProblem("It is needed.", Field: "name"));
        if (definition.Cron is null && definition.RunAt is null) problems.Add(new GraphProblem("It is needed, or run_at for a schedule that is due once.", Field: "cron"));
        if (problems.Count > 0) return (null, [.. problems]);
        var row = new ScheduleRow
        {
            Id = id,
            UserId = userId,
            GraphId = definition.GraphId!.Value,
            // Pinned when the graph is checked; 0 stands for the highest.
            GraphVersion = definition.GraphVersion ?? 0,
            Name = "",
            Dialect = CronDialect.Apscheduler,
            TimeZone = "UTC",
            Inputs = JsonPayload.EmptyObject.Memory,
            Credentials = JsonPayload.EmptyObject.Memory,
            Policy = new SchedulePolicy(),
            Enabled = true,
            Origin = definition.Origin switch { "agents" => ScheduleOrigin.Agents, "scheduler" => ScheduleOrigin.Scheduler, _ => ScheduleOrigin.Platform },
            OriginKey = definition.OriginKey,
            DecidedTo = now.AddTicks(-1),
            ZoneRules = scheduleClock.ZoneRules,
            FailuresFrom = now,
            CreatedAt = now,
            UpdatedAt = now,
        };
        return Apply(row, definition, now);
    }

    /// <summary>A schedule with changes; null with the problems when they are not valid.</summary>
    public (ScheduleRow? Row, ImmutableArray<GraphProblem> Problems) Change(ScheduleRow row, ScheduleDefinition definition, DateTimeOffset now) =>
        Apply(row with { UpdatedAt = now }, definition, now);

    private (ScheduleRow? Row, ImmutableArray<GraphProblem> Problems) Apply(ScheduleRow row, ScheduleDefinition definition, DateTimeOffset now)
    {
        var problems = new List<GraphProblem>();
        var wasEnabled = row.Enabled;
        if (definition.Cron is not null && definition.RunAt is not null) problems.Add(new GraphProblem("Give either cron or run_at.", Field: "run_at"));
        if (definition.Dialect is { } name && !CronDialects.TryParse(name, out _)) problems.Add(new GraphProblem($"'{name}' is not a dialect; use {CronDialects.Names}.", Field: "cron_dialect"));
        row = row with
        {
            Name = Text(definition.Name, "name", LongestName, blank: false, problems) ?? row.Name,
            Description = Text(definition.Description, "description", LongestText, blank: true, problems) ?? row.Description,
            Message = Text(definition.Message, "message", LongestText * 10, blank: true, problems) ?? row.Message,
            Dialect = CronDialects.TryParse(definition.Dialect, out var dialect) ? dialect : row.Dialect,
            TimeZone = definition.TimeZone ?? row.TimeZone,
            Cron = definition.Cron ?? (definition.RunAt is null ? row.Cron : null),
            RunAt = definition.RunAt?.ToUniversalTime() ?? (definition.Cron is null ? row.RunAt : null),
            GraphVersion = definition.GraphVersion ?? row.GraphVersion,
            Inputs = Object(definition.Inputs, "inputs", problems) ?? row.Inputs,
            Credentials = Object(definition.Credentials, "credentials", problems) ?? row.Credentials,
            Policy = Policy(row.Policy, definition, problems),
            Enabled = definition.Enabled ?? row.Enabled,
        };
        var timesChange = definition.Cron is not null || definition.RunAt is not null || definition.TimeZone is not null || definition.Dialect is not null
            || definition.RepeatedTimes is not null || definition.Jitter is not null;
        if (definition.RunAt <= now) problems.Add(new GraphProblem("It is not in the future.", Field: "run_at"));
        if (row.Enabled && !wasEnabled) row = row with { DisabledReason = null, FailuresFrom = now };
        if (!row.Enabled && definition.Enabled is false) row = row with { DisabledReason = null };
        if (timesChange || (row.Enabled && !wasEnabled)) row = row with { DecidedTo = now.AddTicks(-1) };
        if (problems.Count > 0) return (null, [.. problems]);
        try
        {
            row = scheduleClock.WithNext(row);
            if (row.Enabled && row.NextAt is null) problems.Add(new GraphProblem("It is over; give it another time.", Field: row.Cron is null ? "run_at" : "cron"));
        }
        catch (CronException refusal)
        {
            problems.Add(new GraphProblem(refusal.Field == CronField.Expression ? refusal.Reason : refusal.Message, Field: "cron"));
        }
        catch (UnknownTimeZoneException refusal)
        {
            problems.Add(new GraphProblem(refusal.Message, Field: "timezone"));
        }

        return problems.Count > 0 ? (null, [.. problems]) : (row, []);
    }

    private static SchedulePolicy Policy(SchedulePolicy policy, ScheduleDefinition definition, List<GraphProblem> problems)
    {
        var overlap = ScheduleOverlaps.Find(definition.Overlap);
        if (definition.Overlap is not null && overlap is null) problems.Add(new GraphProblem($"'{definition.Overlap}' is not known; use {ScheduleOverlaps.Names}.", Field: "overlap"));
        if (definition.RepeatedTimes is not (null or "first" or "both")) problems.Add(new GraphProblem($"'{definition.RepeatedTimes}' is not known; use first or both.", Field: "repeated_times"));
        if (definition.PauseAfterFailures is < 0 or > 1000) problems.Add(new GraphProblem("It must be from 0 to 1000.", Field: "pause_after_failures"));
        return policy with
        {
            Overlap = overlap ?? policy.Overlap,
            CatchUp = Duration(definition.CatchUp, "catch_up_seconds", problems) ?? policy.CatchUp,
            Jitter = Duration(definition.Jitter, "jitter_seconds", problems) ?? policy.Jitter,
            PauseAfterFailures = definition.PauseAfterFailures ?? policy.PauseAfterFailures,
            Repeated = definition.RepeatedTimes switch { "both" => RepeatedTimes.Both, "first" => RepeatedTimes.First, _ => policy.Repeated },
            Window = definition.WithoutWindow ? null : Window(definition.Window, problems) ?? policy.Window,
        };
    }

    private static ScheduleWindow? Window(ExecutionWindow? window, List<GraphProblem> problems)
    {
        if (window is null) return null;
        if (window.Days.Any(day => day is < 0 or > 6)) problems.Add(new GraphProblem("Days are from 0 for Sunday to 6.", Field: "window.days"));
        var from = Time(window.From, "window.from", problems);
        var to = Time(window.To, "window.to", problems);
        if (from == to && from is not null) problems.Add(new GraphProblem("It must differ from window.from.", Field: "window.to"));
        return from is null || to is null ? null : new ScheduleWindow(window.Days.Select(day => (DayOfWeek)day).ToHashSet(), from.Value, to.Value);
    }

    private static TimeOnly? Time(string text, string field, List<GraphProblem> problems)
    {
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return time;
        problems.Add(new GraphProblem($"'{text}' is not a time of day; write it as 09:00.", Field: field));
        return null;
    }

    private static TimeSpan? Duration(TimeSpan? time, string field, List<GraphProblem> problems)
    {
        if (time < TimeSpan.Zero || time > SchedulePolicy.Longest)
            problems.Add(new GraphProblem(string.Create(CultureInfo.InvariantCulture, $"It must be from 0 to {SchedulePolicy.Longest.TotalSeconds:0}."), Field: field));
        return time;
    }

    private static string? Text(string? text, string field, int longest, bool blank, List<GraphProblem> problems)
    {
        if (text is null) return null;
        if (!blank && string.IsNullOrWhiteSpace(text)) problems.Add(new GraphProblem("It must not be blank.", Field: field));
        if (text.Length > longest) problems.Add(new GraphProblem($"It must have at most {longest} characters.", Field: field));
        return JsonValues.CleanText(text);
    }

    private static ReadOnlyMemory<byte>? Object(JsonPayload? json, string field, List<GraphProblem> problems)
    {
        if (json is null) return null;
        var value = JsonValues.Clean(JsonValues.ParseUtf8(json.Memory.Span));
        if (value.ValueKind == JsonValueKind.Object) return JsonValues.CompactUtf8(value);
        problems.Add(new GraphProblem("It must be an object.", Field: field));
        return null;
    }
}
