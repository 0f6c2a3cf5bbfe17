using System.Collections.Immutable;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Scheduling;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Scheduling;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Scheduling;

/// <inheritdoc cref="IScheduleGrain"/>
/// <remarks>The row is the record; this grain keeps nothing. The ticker changes the row too, so each change names the revision that it was based on.</remarks>
[PreferLocalPlacement, StayingSilos]
internal sealed class ScheduleGrain(
    IScheduleStore store, ScheduleWriter writer, IRunStore runs, ScheduleStarter starter, ScheduleDefinitions definitions, ScheduleClock scheduleClock, IOptions<SchedulerOptions> options, TimeProvider clock)
    : Grain, IScheduleGrain
{
    /// <summary>More occurrences than this are not backfilled by one call.</summary>
    private const int MostBackfilled = 1000;

    /// <summary>How often a change is tried while the ticker or another caller changes the row.</summary>
    private const int MaxAttempts = 20;

    private Guid Id => this.GetPrimaryKey();

    /// <inheritdoc/>
    public async Task<ScheduleAnswer> Create(string userId, ScheduleDefinition definition)
    {
        var refusal = await InsertAsync(userId, definition);
        if (refusal is null) return Done();
        // A call that is repeated is answered by what the first one has stored, also when its request would be refused by now.
        if (await store.FindAsync(Id, CancellationToken.None) is not { } stored) return refusal;
        return stored.UserId == userId ? Done() : Refused(ScheduleVerdict.Exists);
    }

    /// <inheritdoc/>
    public async Task<ScheduleAnswer> Update(string userId, ScheduleDefinition definition)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (stored, refusal) = await FindAsync(userId);
            if (stored is null) return refusal!;
            var (row, problems) = definitions.Change(stored, definition, clock.GetUtcNow());
            if (row is null) return Invalid(problems);
            if (row.Enabled && await CheckGraphAsync(row, fresh: true) is (_, { } invalid)) return invalid;
            if (definition.ValidateOnly || await store.UpdateAsync(row, notification: null, CancellationToken.None)) return Done();
        }

        throw new InvalidOperationException($"Schedule {Id} has changed during each of {MaxAttempts} attempts to change it.");
    }

    /// <inheritdoc/>
    public async Task<ScheduleAnswer> Trigger(string userId, Guid runId)
    {
        var (stored, refusal) = await FindAsync(userId);
        if (stored is null) return refusal!;
        if (await runs.FindAsync(runId, CancellationToken.None) is { } run) return run.UserId == userId ? Done() with { Runs = [runId] } : Refused(ScheduleVerdict.Exists);
        var answer = await StartAsync(stored, [Firing(stored, runId, clock.GetUtcNow(), FiringTrigger.Manual)]);
        // A call that is repeated after a crash finds the firing of the first one, which is started by whoever looks next.
        return answer.Verdict == ScheduleVerdict.Done ? answer with { Runs = [runId] } : answer;
    }

    /// <inheritdoc/>
    public async Task<ScheduleAnswer> Backfill(string userId, DateTimeOffset from, DateTimeOffset to)
    {
        var (stored, refusal) = await FindAsync(userId);
        if (stored is null) return refusal!;
        if (to < from) return Invalid([new GraphProblem("It must not be before the beginning of the range.", Field: "to")]);
        if (to > clock.GetUtcNow()) return Invalid([new GraphProblem("It must not be in the future.", Field: "to")]);
        var facts = scheduleClock.Read(stored);
        var occurrences = new List<DateTimeOffset>();
        for (var next = ScheduleRule.NextAfter(facts, from.AddTicks(-1)); next <= to && occurrences.Count <= MostBackfilled; next = ScheduleRule.NextAfter(facts, next.Value))
            occurrences.Add(next.Value);
        if (occurrences.Count > MostBackfilled)
            return Invalid([new GraphProblem($"The range has more than {MostBackfilled} occurrences; backfill it in parts.", Field: "from")]);
        return await StartAsync(stored, [.. occurrences.Select(occurrence => Firing(stored, ScheduleRule.RunOf(Id, occurrence), occurrence, FiringTrigger.Backfill))]);
    }

    /// <inheritdoc/>
    public async Task<ScheduleAnswer> Delete(string userId)
    {
        var (stored, refusal) = await FindAsync(userId);
        if (stored is null) return refusal!;
        return await store.DeleteAsync(Id, CancellationToken.None) ? Done() : Refused(ScheduleVerdict.NotFound);
    }

    private async Task<(ScheduleRow? Row, ScheduleAnswer? Refusal)> FindAsync(string userId)
    {
        var stored = await store.FindAsync(Id, CancellationToken.None);
        if (stored is null) return (null, Refused(ScheduleVerdict.NotFound));
        return stored.UserId == userId ? (stored, null) : (null, Refused(ScheduleVerdict.Forbidden));
    }

    /// <summary>Checks and stores a new schedule. Null when that was done, or when the definition is valid and only to be checked.</summary>
    private async Task<ScheduleAnswer?> InsertAsync(string userId, ScheduleDefinition definition)
    {
        var (row, problems) = definitions.Create(Id, userId, definition, clock.GetUtcNow());
        if (row is null) return Invalid(problems);
        // What this process knows of the graph nearly always suffices, and saves reading it. The row is not stored when the graph has another version by now or is
        // deleted, and is then checked by what the database has.
        foreach (var fresh in definition.ValidateOnly ? [true] : new[] { false, true })
        {
            var (checkedRow, refusal) = await CheckGraphAsync(row, fresh);
            if (checkedRow is null && fresh) return refusal;
            if (checkedRow is not null && (definition.ValidateOnly || await writer.InsertAsync(new NewSchedule(checkedRow, OfHighestVersion: row.GraphVersion == 0)))) return null;
        }

        return Refused(ScheduleVerdict.Exists);
    }

    /// <summary>Checks graph, inputs and credentials as for a run (contract: semantics 5.2), and pins the version.</summary>
    private async Task<(ScheduleRow? Row, ScheduleAnswer? Refusal)> CheckGraphAsync(ScheduleRow row, bool fresh)
    {
        try
        {
            var graph = await starter.CheckAsync(row, fresh);
            return (row with { GraphVersion = graph.Version, AgentName = row.AgentName ?? graph.Name }, null);
        }
        catch (GraphNotFoundException gone)
        {
            return (null, Refused(ScheduleVerdict.GraphNotFound) with { Problems = Problems.From(gone.Problems) });
        }
        catch (GraphValidationException invalid)
        {
            return (null, Invalid(invalid.Problems));
        }
    }

    private async Task<ScheduleAnswer> StartAsync(ScheduleRow row, IReadOnlyList<FiringRow> firings)
    {
        var written = await store.InsertFiringsAsync(firings, CancellationToken.None);
        var ended = await starter.StartAsync([.. firings.Where(firing => written.Contains(firing.Id)).Select(firing => new WaitingFiring(firing, row, []))]);
        var failed = ended.Where(firing => firing.State == FiringState.Failed).ToList();
        if (failed.Count > 0 && failed.Count == ended.Count) return Invalid([new GraphProblem(failed[0].Reason ?? "The run could not be started.")]);
        if (ended.Any(firing => firing.State == FiringState.Skipped)) return Refused(ScheduleVerdict.Full, $"{ScheduleRule.QueueFull}; try again when some of them have.");
        return Done() with { Runs = [.. ended.Where(firing => firing.State != FiringState.Failed).Select(firing => firing.Id)] };
    }

    private FiringRow Firing(ScheduleRow row, Guid id, DateTimeOffset occurrence, FiringTrigger trigger)
    {
        var now = clock.GetUtcNow();
        return new FiringRow
        {
            Id = id,
            ScheduleId = Id,
            UserId = row.UserId,
            Occurrence = occurrence,
            LastOccurrence = occurrence,
            Trigger = trigger,
            State = FiringState.Pending,
            CreatedAt = now,
            WakeAt = now + options.Value.StartPatience,
        };
    }

    private static ScheduleAnswer Done() => new() { Verdict = ScheduleVerdict.Done };

    private static ScheduleAnswer Refused(ScheduleVerdict verdict) => new() { Verdict = verdict };

    private static ScheduleAnswer Refused(ScheduleVerdict verdict, string message) => new() { Verdict = verdict, Problems = Problems.Of(message) };

    private static ScheduleAnswer Invalid(ImmutableArray<GraphProblem> problems) => new() { Verdict = ScheduleVerdict.Invalid, Problems = Problems.From(problems) };
}
