using System.Text.Json;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Schedules;

/// <summary>What a schedule takes when it is created and when it is changed. A member that is absent stays as it is, or has its default in a new one.</summary>
internal abstract record ScheduleShape
{
    public int? GraphVersion { get; init; }

    public string? Timezone { get; init; }

    [OneOf("apscheduler", "autogpt", "standard")]
    public string? CronDialect { get; init; }

    /// <summary>The time of a schedule that is due once, in ISO 8601; it takes the place of the cron expression.</summary>
    public string? RunAt { get; init; }

    public string? Description { get; init; }

    public bool? Enabled { get; init; }

    public SchedulePolicyBody? Policy { get; init; }
}

/// <summary>The body of "create execution schedule" (contract: semantics 5.2) with the additions of 5.5.</summary>
internal sealed record ScheduleCreationRequest : ScheduleShape
{
    public required string Name { get; init; }

    /// <summary>Required, unless there is a <see cref="ScheduleShape.RunAt"/>.</summary>
    [Always]
    public string Cron { get; init; } = "";

    public required IReadOnlyDictionary<string, JsonElement> Inputs { get; init; }

    public IReadOnlyDictionary<string, CredentialsMetaInput> Credentials { get; init; } = new Dictionary<string, CredentialsMetaInput>(StringComparer.Ordinal);
}

/// <summary>The body of a change of a schedule (contract: semantics 5.5).</summary>
internal sealed record ScheduleUpdateRequest : ScheduleShape
{
    public string? Name { get; init; }

    public string? Cron { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Inputs { get; init; }

    public IReadOnlyDictionary<string, CredentialsMetaInput>? Credentials { get; init; }
}

/// <summary>How a schedule treats what does not go as planned (contract: decision 15).</summary>
[SchemaName("SchedulePolicy")]
internal sealed record SchedulePolicyBody
{
    /// <summary>What happens while a run of the schedule has not ended.</summary>
    [OneOf("allow", "skip", "buffer_one", "cancel_other")]
    public string? Overlap { get; init; }

    /// <summary>How late a missed occurrence may be to be made up for.</summary>
    public int? CatchUpSeconds { get; init; }

    /// <summary>An occurrence starts up to this much later than it is due.</summary>
    public int? JitterSeconds { get; init; }

    /// <summary>It is disabled after so many failed runs in a row; 0 for never.</summary>
    public int? PauseAfterFailures { get; init; }

    /// <summary>When a fixed local time is due that a change of the clock repeats.</summary>
    [OneOf("first", "both")]
    public string? RepeatedTimes { get; init; }

    /// <summary>The hours in which runs may start; null removes them.</summary>
    public ScheduleWindowBody? Window { get; init; }
}

/// <summary>The hours in which runs may start, by the clock of the zone of the schedule.</summary>
[SchemaName("ScheduleWindow")]
internal sealed record ScheduleWindowBody
{
    /// <summary>The days, <c>sun</c> to <c>sat</c>; empty for all.</summary>
    [SchemaDefault("[]")]
    public IReadOnlyList<string> Days { get; init; } = [];

    public required string From { get; init; }

    public required string To { get; init; }
}

/// <summary>A range of time whose occurrences are made up for.</summary>
[SchemaName("ScheduleBackfillRequest")]
internal sealed record BackfillBody
{
    public required string From { get; init; }

    public required string To { get; init; }
}
