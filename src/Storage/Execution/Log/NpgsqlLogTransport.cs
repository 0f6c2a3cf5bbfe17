using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage.Execution;

/// <summary>Writes batches of the execution log, each as one statement that is its own transaction: one round trip, one commit.</summary>
/// <param name="dataSource">The database.</param>
/// <param name="options">Threshold, fee and window of the dispatch counts.</param>
public sealed class NpgsqlLogTransport(NpgsqlDataSource dataSource, ExecutionLogOptions options) : ILogTransport
{
    // What "request" asserts is true of every commit; it makes the planner expect few rows and look heads up by their key.
    // Heads are locked in the order of their ids, and after all heads the counts in the order of their users, so that writers of several
    // processes cannot deadlock. "counted" locks the counts of all users whose dispatches may be written, not only of those that are compared,
    // and the count(*) in "won" makes it finish before "counts" changes the first of them. Only a user's very first dispatch finds no row to lock.
    // A run that ran ahead wins only where none of its dispatches can get a number that owes the fee. free_upto is the place of its last
    // dispatch among those of its user in this batch, so its numbers are at most count + free_upto, and at most free_upto where this batch
    // begins a new window; neither range may reach a multiple of the threshold ($27). The window in which the writer made its forecast does not
    // matter, since the locked count is compared and not the forecast.
    // Every later part draws from "won": a run that lost writes nothing and takes nobody with it.
    private const string Statement =
        $"""
        WITH request AS (
          SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $45, $46)
            AS r (run_id, epoch, expected_seq, last_seq, status, queued_at, started_at, ended_at, error, stats, user_id, free_upto)
          WHERE epoch >= 0 AND expected_seq >= 0 AND last_seq > expected_seq
        ), locked AS (
          SELECT h.run_id FROM run_head h JOIN request r USING (run_id)
          WHERE h.epoch = r.epoch AND h.last_seq = r.expected_seq AND h.status NOT IN {FinalStatuses.Sql}
          ORDER BY h.run_id FOR UPDATE OF h
        ), counted AS (
          SELECT user_id, count FROM dispatch_counts
          WHERE user_id IN (SELECT d.user_id FROM unnest($22, $24) AS d (run_id, user_id) JOIN locked USING (run_id))
          ORDER BY user_id FOR UPDATE
        ), won AS (
          UPDATE run_head h SET last_seq = r.last_seq, status = coalesce(r.status, h.status), stats = coalesce(r.stats, h.stats)
          FROM locked JOIN request r USING (run_id)
          WHERE h.run_id = locked.run_id AND (SELECT count(*) FROM counted) >= 0
            AND (r.free_upto IS NULL OR (SELECT c.count % $27 FROM counted c WHERE c.user_id = r.user_id) + r.free_upto < $27)
          RETURNING h.run_id
        ), run_changes AS (
          UPDATE runs SET
            status = r.status,
            queued_at = coalesce(r.queued_at, runs.queued_at),
            started_at = coalesce(r.started_at, runs.started_at),
            ended_at = coalesce(r.ended_at, runs.ended_at),
            error = coalesce(r.error, runs.error)
          FROM won JOIN request r USING (run_id)
          WHERE runs.id = won.run_id AND r.status IS NOT NULL
        ), events AS (
          INSERT INTO execution_events (run_id, seq, kind, at, body)
          SELECT e.* FROM unnest($11, $12, $13, $14, $15) AS e (run_id, seq, kind, at, body) JOIN won ON won.run_id = e.run_id
        ), outputs AS (
          INSERT INTO node_outputs (run_id, seq, node_execution_id, ordinal, pin, value)
          SELECT o.* FROM unnest($16, $17, $18, $19, $20, $21) AS o (run_id, seq, node_execution_id, ordinal, pin, value)
          JOIN won ON won.run_id = o.run_id
        ), dispatches AS (
          SELECT d.id, d.user_id, d.at,
            row_number() OVER (PARTITION BY d.user_id ORDER BY d.place) AS number,
            count(*) OVER (PARTITION BY d.user_id) AS total
          FROM unnest($22, $23, $24, $25) WITH ORDINALITY AS d (run_id, id, user_id, at, place) JOIN won ON won.run_id = d.run_id
        ), counts AS (
          INSERT INTO dispatch_counts AS c (user_id, window_start, count)
          SELECT user_id, max(at), count(*) FROM dispatches GROUP BY user_id ORDER BY user_id
          ON CONFLICT (user_id) DO UPDATE SET
            window_start = CASE WHEN excluded.window_start >= c.window_start + $26 THEN excluded.window_start ELSE c.window_start END,
            count = CASE WHEN excluded.window_start >= c.window_start + $26 THEN excluded.count ELSE c.count + excluded.count END
          RETURNING user_id, count
        ), fees AS (
          SELECT d.id FROM dispatches d JOIN counts USING (user_id) WHERE (counts.count - d.total + d.number) % $27 = 0
        ), nodes AS (
          INSERT INTO node_executions AS kept ({NodeRows.Columns}, fee)
          SELECT n.*, CASE WHEN fees.id IS NULL THEN 0 ELSE $28 END
          FROM unnest($29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44) AS n ({NodeRows.Columns})
          JOIN won ON won.run_id = n.run_id LEFT JOIN fees ON fees.id = n.id
          ON CONFLICT (id) DO UPDATE SET
            status = excluded.status, attempt = excluded.attempt, host = excluded.host, input = coalesce(excluded.input, kept.input),
            price = excluded.price, fee = greatest(kept.fee, excluded.fee), added_at = excluded.added_at, queued_at = excluded.queued_at,
            started_at = excluded.started_at, ended_at = excluded.ended_at, error = excluded.error, stats = excluded.stats
          WHERE kept.run_id = excluded.run_id
        )
        SELECT run_id, NULL::uuid, NULL::text, NULL::bigint FROM won
        UNION ALL SELECT NULL, id, NULL, NULL FROM fees
        UNION ALL SELECT NULL, NULL, user_id, count FROM counts
        """;

    /// <inheritdoc/>
    public async Task<LogBatchResult> WriteAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var rows = await dataSource.ListAsync(
            Statement,
            Parameters(batch),
            row => (Won: row.GetGuidOrNull(0), Fee: row.GetGuidOrNull(1), User: row.GetStringOrNull(2), Count: row.IsDBNull(3) ? 0 : row.GetInt64(3)),
            cancellationToken);
        return new LogBatchResult(
            rows.Select(row => row.Won).OfType<Guid>().ToHashSet(),
            rows.Select(row => row.Fee).OfType<Guid>().ToHashSet(),
            rows.Where(row => row.User is not null).ToDictionary(row => row.User!, row => row.Count, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunHead>> ReadHeadsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            "SELECT run_id, epoch, last_seq, status FROM run_head WHERE run_id = ANY ($1)",
            [runIds.ToArray()],
            MapHead,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> ReadFeesAsync(IReadOnlyList<Guid> nodeExecutionIds, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            "SELECT id FROM node_executions WHERE id = ANY ($1) AND fee > 0",
            [nodeExecutionIds.ToArray()],
            row => row.GetGuid(0),
            cancellationToken);

    internal static RunHead MapHead(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3));

    private object?[] Parameters(LogBatch batch)
    {
        var chains = batch.Chains.Values.ToArray();
        var changes = chains.Select(chain => chain.Change()).ToArray();
        var events = batch.Commits
            .SelectMany(commit => commit.Events.Select((logged, i) => (commit.RunId, Sequence: commit.ExpectedSequence + 1 + i, Event: logged)))
            .ToArray();
        var outputs = events.Where(row => row.Event.Output is not null).Select(row => (row.RunId, row.Sequence, Output: row.Event.Output!)).ToArray();
        var dispatches = batch.Commits
            .SelectMany(commit => commit.CountedDispatches.Select(id => (commit.RunId, Id: id, commit.UserId, commit.At)))
            .ToArray();
        return
        [
            chains.Select(chain => chain.RunId).ToArray(),
            chains.Select(chain => chain.Epoch).ToArray(),
            chains.Select(chain => chain.ExpectedSequence).ToArray(),
            chains.Select(chain => chain.LastSequence).ToArray(),
            Sql.Array(NpgsqlDbType.Text, changes.Select(change => change?.Status).ToArray()),
            Sql.TimeArray(changes.Select(change => change?.QueuedAt)),
            Sql.TimeArray(changes.Select(change => change?.StartedAt)),
            Sql.TimeArray(changes.Select(change => change?.EndedAt)),
            Sql.Array(NpgsqlDbType.Text, changes.Select(change => change?.Error).ToArray()),
            Sql.JsonArray(chains.Select(chain => chain.Stats())),

            events.Select(row => row.RunId).ToArray(),
            events.Select(row => row.Sequence).ToArray(),
            events.Select(row => row.Event.Kind).ToArray(),
            Sql.TimeArray(events.Select(row => (DateTimeOffset?)row.Event.At)),
            Sql.JsonArray(events.Select(row => (ReadOnlyMemory<byte>?)row.Event.Body)),

            outputs.Select(row => row.RunId).ToArray(),
            outputs.Select(row => row.Sequence).ToArray(),
            outputs.Select(row => row.Output.NodeExecutionId).ToArray(),
            outputs.Select(row => row.Output.Ordinal).ToArray(),
            outputs.Select(row => row.Output.Pin).ToArray(),
            Sql.JsonArray(outputs.Select(row => (ReadOnlyMemory<byte>?)row.Output.Value)),

            dispatches.Select(row => row.RunId).ToArray(),
            dispatches.Select(row => row.Id).ToArray(),
            dispatches.Select(row => row.UserId).ToArray(),
            Sql.TimeArray(dispatches.Select(row => (DateTimeOffset?)row.At)),
            options.ExecutionCountWindow,
            (long)options.ExecutionCostCountThreshold,
            (long)options.ExecutionCostPerThreshold,

            .. NodeRows.Parameters(NodeRows.Coalesce(batch.Commits.SelectMany(commit => commit.Nodes))),

            chains.Select(chain => chain.UserId).ToArray(),
            FreeUpTo(batch, chains),
        ];
    }

    /// <summary>
    /// For each chain the place of its last dispatch that must not owe the fee, among the dispatches of its user in the batch and from 1.
    /// Null for a chain that did not run ahead.
    /// </summary>
    private static long?[] FreeUpTo(LogBatch batch, RunChain[] chains)
    {
        var sent = new Dictionary<string, long>(StringComparer.Ordinal);
        var places = new Dictionary<Guid, long>();
        foreach (var commit in batch.Commits)
        {
            var place = sent[commit.UserId] = sent.GetValueOrDefault(commit.UserId) + commit.CountedDispatches.Count;
            if (commit.MustBeFree) places[commit.RunId] = place;
        }

        return [.. chains.Select(chain => places.TryGetValue(chain.RunId, out var place) ? place : (long?)null)];
    }
}
