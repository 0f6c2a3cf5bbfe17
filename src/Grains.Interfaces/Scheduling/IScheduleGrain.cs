using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Scheduling;

/// <summary>One schedule (contract: semantics 5.2 and 5.5); the key is its id. It checks and changes the schedule; shards fire it.</summary>
[Alias("grainflow.IScheduleGrain")]
public interface IScheduleGrain : IGrainWithGuidKey
{
    /// <summary>Stores the schedule. The graph with its inputs and credentials is checked as for a run. A repeated call of the same user answers what is stored.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="definition">The schedule. The graph, a name and either a cron expression or an instant are needed.</param>
    [Alias("Create")]
    Task<ScheduleAnswer> Create(string userId, ScheduleDefinition definition);

    /// <summary>Changes what the definition has and leaves the rest. What was due before the change is not made up for by the new times.</summary>
    /// <param name="userId">The caller.</param>
    /// <param name="definition">The changes. The graph and the origin stay.</param>
    [Alias("Update")]
    Task<ScheduleAnswer> Update(string userId, ScheduleDefinition definition);

    /// <summary>Starts a run now. It works while the schedule is disabled, and does not change when it is due next.</summary>
    /// <param name="userId">The caller.</param>
    /// <param name="runId">The id of the run; a repeated call with the same id starts nothing.</param>
    [Alias("Trigger")]
    Task<ScheduleAnswer> Trigger(string userId, Guid runId);

    /// <summary>Starts the runs of the occurrences of a range of time that have not started one yet.</summary>
    /// <param name="userId">The caller.</param>
    /// <param name="from">The first instant of the range.</param>
    /// <param name="to">The last instant of the range, not in the future.</param>
    [Alias("Backfill")]
    Task<ScheduleAnswer> Backfill(string userId, DateTimeOffset from, DateTimeOffset to);

    /// <summary>Deletes the schedule and its history. Its runs stay.</summary>
    /// <param name="userId">The caller.</param>
    [Alias("Delete")]
    Task<ScheduleAnswer> Delete(string userId);
}

/// <summary>A schedule as its owner defines or changes it. What is null stays as it is, or has its default in a new one.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ScheduleDefinition")]
public sealed record ScheduleDefinition
{
    /// <summary>The graph.</summary>
    [Id(0)]
    public Guid? GraphId { get; init; }

    /// <summary>The version of the graph, from 1; the highest by default.</summary>
    [Id(1)]
    public int? GraphVersion { get; init; }

    /// <summary>The name, 1 to 200 characters that are not all blank.</summary>
    [Id(2)]
    public string? Name { get; init; }

    /// <summary>What it is for, at most 2,000 characters.</summary>
    [Id(3)]
    public string? Description { get; init; }

    /// <summary>The message of a schedule of the chat form.</summary>
    [Id(4)]
    public string? Message { get; init; }

    /// <summary>The cron expression.</summary>
    [Id(5)]
    public string? Cron { get; init; }

    /// <summary>The instant of a schedule that is due once.</summary>
    [Id(6)]
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>The wire name of the dialect of <see cref="Cron"/>.</summary>
    [Id(7)]
    public string? Dialect { get; init; }

    /// <summary>The IANA name of the zone; UTC by default.</summary>
    [Id(8)]
    public string? TimeZone { get; init; }

    /// <summary>The inputs of the runs, a JSON object.</summary>
    [Id(9)]
    public JsonPayload? Inputs { get; init; }

    /// <summary>The credentials of the runs by name of the input, a JSON object.</summary>
    [Id(10)]
    public JsonPayload? Credentials { get; init; }

    /// <summary>Whether it fires; true by default.</summary>
    [Id(11)]
    public bool? Enabled { get; init; }

    /// <summary>What happens while a run of it has not ended: <c>allow</c> (default), <c>skip</c>, <c>buffer_one</c> or <c>cancel_other</c>.</summary>
    [Id(12)]
    public string? Overlap { get; init; }

    /// <summary>How late a missed occurrence may be to be made up for; an hour by default.</summary>
    [Id(13)]
    public TimeSpan? CatchUp { get; init; }

    /// <summary>An occurrence starts up to this much later than it is due; zero by default.</summary>
    [Id(14)]
    public TimeSpan? Jitter { get; init; }

    /// <summary>It is disabled after so many failed runs in a row; 0, the default, for never.</summary>
    [Id(15)]
    public int? PauseAfterFailures { get; init; }

    /// <summary>When a repeated fixed local time is due: <c>first</c> (default) or <c>both</c>.</summary>
    [Id(16)]
    public string? RepeatedTimes { get; init; }

    /// <summary>The hours in which runs may start.</summary>
    [Id(17)]
    public ExecutionWindow? Window { get; init; }

    /// <summary>True to remove the window.</summary>
    [Id(18)]
    public bool WithoutWindow { get; init; }

    /// <summary>The interface through which it is created: <c>platform</c> (default), <c>agents</c> or <c>scheduler</c>.</summary>
    [Id(19)]
    public string? Origin { get; init; }

    /// <summary>The id that the caller gives it, unique for his schedules of the same origin.</summary>
    [Id(20)]
    public string? OriginKey { get; init; }

    /// <summary>True to check everything and to store nothing.</summary>
    [Id(21)]
    public bool ValidateOnly { get; init; }
}

/// <summary>The hours in which runs may start.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExecutionWindow")]
public sealed record ExecutionWindow
{
    /// <summary>The days, from 0 for Sunday to 6; empty for all.</summary>
    [Id(0)]
    public required ImmutableArray<int> Days { get; init; }

    /// <summary>The first time of day, <c>HH:mm</c>.</summary>
    [Id(1)]
    public required string From { get; init; }

    /// <summary>The first time of day after it, <c>HH:mm</c>.</summary>
    [Id(2)]
    public required string To { get; init; }
}

/// <summary>What became of a call of a schedule.</summary>
public enum ScheduleVerdict
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such schedule.</summary>
    NotFound,

    /// <summary>The schedule belongs to another user.</summary>
    Forbidden,

    /// <summary>Something is wrong with the definition; see the problems.</summary>
    Invalid,

    /// <summary>The graph is not there, or not the caller's.</summary>
    GraphNotFound,

    /// <summary>Too many runs of the agent have not ended (contract: decision 24).</summary>
    Full,

    /// <summary>Another schedule has the key.</summary>
    Exists,
}

/// <summary>The answer to a call of a schedule.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ScheduleAnswer")]
public sealed record ScheduleAnswer
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required ScheduleVerdict Verdict { get; init; }

    /// <summary>What is wrong, each with the member of the definition as its field, or the node and pin of the graph.</summary>
    [Id(1)]
    public ImmutableArray<Problem> Problems { get; init; } = [];

    /// <summary>The runs that were started, or wait for a place.</summary>
    [Id(2)]
    public ImmutableArray<Guid> Runs { get; init; } = [];
}

/// <summary>Fires the schedules of one shard; the key is its number, from 0 to 63 (contract: decisions 14 to 16).</summary>
[Alias("grainflow.IScheduleShardGrain")]
public interface IScheduleShardGrain : IGrainWithIntegerKey
{
    /// <summary>Decides and starts what is due. Servers call it; calls that arrive meanwhile share its result.</summary>
    /// <returns>How many runs were started.</returns>
    [Alias("Tick")]
    Task<int> Tick();

    /// <summary>Looks now at the occurrence of a schedule that waits for the end of a run, because one has ended.</summary>
    /// <param name="scheduleId">A schedule of this shard.</param>
    [Alias("Wake")]
    Task Wake(Guid scheduleId);

    /// <summary>Makes sure that a reminder wakes the shard if no server does.</summary>
    [Alias("Anchor")]
    Task Anchor();
}
