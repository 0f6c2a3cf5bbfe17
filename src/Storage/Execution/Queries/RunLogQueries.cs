using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Storage.Execution;

/// <summary>Reads the log of a run as its user sees it: without the outputs, which are shown elsewhere.</summary>
/// <param name="database">The database.</param>
public sealed class RunLogQueries(Database database)
{
    /// <summary>The next events of a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="afterSequence">The last event that is known; 0 for none.</param>
    /// <param name="nodeId">Only events of executions of this node; null for all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<RunLogRow>> PageAsync(Guid runId, long afterSequence, string? nodeId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        """
        SELECT e.seq, e.kind, e.body, n.node_id, CASE
            WHEN e.kind = 'run_started' AND e.seq = 1 THEN (SELECT created_at FROM runs WHERE id = $1)
            WHEN (e.body ->> 'attempt')::int = 1 AND e.kind = 'node_dispatched' THEN n.queued_at
            WHEN (e.body ->> 'attempt')::int = 1 AND e.kind = 'node_began' THEN n.started_at
          END
        FROM execution_events e LEFT JOIN node_executions n ON n.id = (e.body ->> 'node_execution_id')::uuid
        WHERE e.run_id = $1 AND e.seq > $2 AND e.kind <> 'node_output'
          AND ($3::text IS NULL OR (e.body ->> 'node_execution_id')::uuid IN (SELECT id FROM node_executions WHERE run_id = $1 AND node_id = $3))
        ORDER BY e.seq LIMIT $4
        """,
        [runId, afterSequence, nodeId, limit],
        row => new RunLogRow(
            row.GetInt64(0),
            row.GetString(1),
            RunEventCodec.Read(row.GetString(1), row.GetJson(2).Span, output: null),
            row.IsDBNull(3) ? null : row.GetString(3),
            row.GetTimeOrNull(4)),
        cancellationToken);

    /// <summary>The nodes of a run that were executed, and those with executions that wait for values.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<(IReadOnlySet<string> Executed, IReadOnlyList<WaitingNode> Waiting)> UnstartedAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var executed = await session.ListAsync(
            Plan.ByIndex, "SELECT DISTINCT node_id FROM node_executions WHERE run_id = $1 AND status <> 'INCOMPLETE'", [runId], row => row.GetString(0), cancellationToken);
        var waiting = await session.ListAsync(
            Plan.ByIndex,
            """
            SELECT DISTINCT ON (node_id) id, node_id, input, count(*) OVER (PARTITION BY node_id)
            FROM node_executions WHERE run_id = $1 AND status = 'INCOMPLETE' ORDER BY node_id, ordinal
            """,
            [runId],
            row => new WaitingNode(row.GetGuid(0), row.GetString(1), row.GetBytesOrNull(2) is { } input ? JsonValues.ParseUtf8(input.Span) : JsonValues.EmptyObject, row.GetInt64(3)),
            cancellationToken);
        return (executed.ToHashSet(StringComparer.Ordinal), waiting);
    }
}

/// <summary>An event of a run, with what its text needs of other rows.</summary>
/// <param name="Sequence">Its place in the log, from 1.</param>
/// <param name="Kind">The stored kind.</param>
/// <param name="Event">The event.</param>
/// <param name="NodeId">The node of its node execution; null for an event of the run itself.</param>
/// <param name="WaitedSince">When the wait began that the event ended; null where that is not known.</param>
public sealed record RunLogRow(long Sequence, string Kind, RunEvent Event, string? NodeId, DateTimeOffset? WaitedSince);
