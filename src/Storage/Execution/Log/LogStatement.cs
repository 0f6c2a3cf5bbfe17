namespace Grainflow.Storage.Execution;

/// <summary>
/// The statement that writes a batch of commits, part by part: the columns of the rows that a part reads are declared above its SQL. It is its own transaction, so a batch
/// costs one round trip and one sync of the database's log. Every part draws from <c>won</c>: a run that lost writes nothing and does not affect the other runs.
/// </summary>
internal static class LogStatement
{
    private static readonly RowColumns<HeadRow> HeadColumns = new RowColumns<HeadRow>()
        .Uuid("run_id", head => head.Chain.RunId)
        .Bigint("epoch", head => head.Chain.Epoch)
        .Bigint("expected_seq", head => head.Chain.ExpectedSequence)
        .Bigint("last_seq", head => head.Chain.LastSequence)
        .Text("status", head => head.Change?.Status)
        .Time("queued_at", head => head.Change?.QueuedAt)
        .Time("started_at", head => head.Change?.StartedAt)
        .Time("ended_at", head => head.Change?.EndedAt)
        .Text("error", head => head.Change?.Error)
        .Json("stats", head => head.Chain.Stats())
        .Text("user_id", head => head.Chain.UserId)
        .Bigint("free_upto", head => head.FreeUpTo);

    // What "request" asserts is true of every commit; it makes the planner expect few rows and look heads up by their key.
    //
    // Heads are locked in the order of their ids, after all heads the counts of this writer's lane in the order of their users, and after them the
    // settled counts of users that owe a fee in the order of their users, so that writers of several processes cannot deadlock. "counted" locks the counts of
    // all users whose dispatches may be written, and the count(*) in "won" makes it finish before "counts" changes the first of them.
    //
    // "standing" is how many dispatches of a user are counted in his current window, by all lanes; what other lanes have counted is read without a lock and may
    // have grown meanwhile.
    //
    // A run that ran ahead wins only where none of its dispatches can owe a fee. free_upto is the place of its last dispatch among those of its user in
    // this batch, so with it the count is at most standing + free_upto, and at most free_upto where this batch begins a new window; neither may reach
    // a multiple of the threshold that is not settled. "fees" is decided by the same standing count. The window in which the writer made its forecast does not
    // matter, since the standing count is compared and not the forecast.
    private const string Heads =
        $"""
        request AS (
          SELECT * FROM @head_rows WHERE epoch >= 0 AND expected_seq >= 0 AND last_seq > expected_seq
        ), locked AS (
          SELECT h.run_id FROM run_head h JOIN request r USING (run_id)
          WHERE h.epoch = r.epoch AND h.last_seq = r.expected_seq AND h.status NOT IN {FinalStatuses.Sql}
          ORDER BY h.run_id FOR UPDATE OF h
        ), users AS (
          SELECT DISTINCT dispatch_rows.user_id FROM @dispatch_rows JOIN locked USING (run_id)
        ), counted AS (
          SELECT user_id, window_start, count FROM dispatch_counts
          WHERE user_id IN (SELECT user_id FROM users) AND lane = @lane
          ORDER BY user_id FOR UPDATE
        ), lanes AS (
          SELECT user_id, window_start, count, max(window_start) OVER (PARTITION BY user_id) AS latest FROM (
            SELECT * FROM counted
            UNION ALL SELECT user_id, window_start, count FROM dispatch_counts WHERE user_id IN (SELECT user_id FROM users) AND lane <> @lane
          ) AS l
        ), standing AS (
          SELECT s.*, coalesce(f.settled, 0) AS settled
          FROM (SELECT user_id, window_start, sum(count)::bigint AS count FROM lanes WHERE window_start = latest GROUP BY user_id, window_start) AS s
          LEFT JOIN dispatch_fees f ON f.user_id = s.user_id AND f.window_start = s.window_start
        ), won AS (
          UPDATE run_head h SET last_seq = r.last_seq, moved_at = now(), status = coalesce(r.status, h.status), stats = coalesce(r.stats, h.stats)
          FROM locked JOIN request r USING (run_id)
          WHERE h.run_id = locked.run_id AND (SELECT count(*) FROM counted) >= 0
            AND (r.free_upto IS NULL OR r.free_upto < @threshold AND
              (SELECT (s.count + r.free_upto) / @threshold <= s.settled / @threshold FROM standing s WHERE s.user_id = r.user_id))
          RETURNING h.run_id
        )
        """;

    private const string RunChanges =
        """
        run_changes AS (
          UPDATE runs SET
            status = r.status,
            queued_at = coalesce(r.queued_at, runs.queued_at),
            started_at = coalesce(r.started_at, runs.started_at),
            ended_at = coalesce(r.ended_at, runs.ended_at),
            error = coalesce(r.error, runs.error)
          FROM won JOIN request r USING (run_id)
          WHERE runs.id = won.run_id AND r.status IS NOT NULL
        )
        """;

    private static readonly RowColumns<EventRow> EventColumns = new RowColumns<EventRow>()
        .Uuid("run_id", row => row.RunId)
        .Bigint("seq", row => row.Sequence)
        .Text("kind", row => row.Event.Kind)
        .Time("at", row => row.Event.At)
        .Json("body", row => row.Event.Body);

    private static readonly string Events =
        $"""
        events AS (
          INSERT INTO execution_events ({EventColumns.Names}) SELECT event_rows.* FROM @event_rows JOIN won USING (run_id)
        )
        """;

    private static readonly RowColumns<OutputRow> OutputColumns = new RowColumns<OutputRow>()
        .Uuid("run_id", row => row.RunId)
        .Bigint("seq", row => row.Sequence)
        .Uuid("node_execution_id", row => row.Output.NodeExecutionId)
        .Int("ordinal", row => row.Output.Ordinal)
        .Text("pin", row => row.Output.Pin)
        .Json("value", row => row.Output.Value);

    private static readonly string Outputs =
        $"""
        outputs AS (
          INSERT INTO node_outputs ({OutputColumns.Names}) SELECT output_rows.* FROM @output_rows JOIN won USING (run_id)
        )
        """;

    private static readonly RowColumns<DispatchRow> DispatchColumns = new RowColumns<DispatchRow>()
        .Uuid("run_id", row => row.RunId)
        .Uuid("id", row => row.NodeExecutionId)
        .Text("user_id", row => row.UserId)
        .Time("at", row => row.At)
        .Numbered();

    // The dispatches of a user get the numbers after the standing count, in the order of the batch; those with a multiple of the threshold owe a fee. A multiple
    // that no writer has noticed, because several of them counted at the same time, is owed by the first dispatches that follow, one each. The settled
    // count is locked before a fee is taken, so that no multiple is charged twice.
    private const string Counts =
        """
        dispatches AS (
          SELECT d.id, d.user_id, d.at, row_number() OVER (PARTITION BY d.user_id ORDER BY d.place) AS number
          FROM (SELECT dispatch_rows.* FROM @dispatch_rows JOIN won USING (run_id)) AS d
        ), added AS (
          SELECT t.user_id, t.total, w.window_start, CASE WHEN w.window_start = s.window_start THEN s.count ELSE 0 END AS before,
            CASE WHEN w.window_start = s.window_start THEN s.settled ELSE 0 END AS settled
          FROM (SELECT user_id, max(at) AS at, count(*) AS total FROM dispatches GROUP BY user_id) AS t
          LEFT JOIN standing s USING (user_id)
          CROSS JOIN LATERAL (SELECT CASE WHEN t.at < s.window_start + @window THEN s.window_start ELSE t.at END AS window_start) AS w
        ), counts AS (
          INSERT INTO dispatch_counts AS c (user_id, lane, window_start, count)
          SELECT user_id, @lane, window_start, total FROM added ORDER BY user_id
          ON CONFLICT (user_id, lane) DO UPDATE SET
            window_start = excluded.window_start,
            count = CASE WHEN excluded.window_start = c.window_start THEN c.count + excluded.count ELSE excluded.count END
        ), due AS (
          SELECT * FROM added WHERE (before + total) / @threshold > settled / @threshold
        ), settled AS (
          SELECT user_id, window_start, settled FROM dispatch_fees WHERE user_id IN (SELECT user_id FROM due) ORDER BY user_id FOR UPDATE
        ), owed AS (
          SELECT d.user_id, d.window_start, d.before, s.user_id IS NOT NULL AS known, f.first,
            least((d.before + d.total) / @threshold - f.first, d.total) AS fees, d.before + d.total AS upto
          FROM due d LEFT JOIN settled s USING (user_id)
          CROSS JOIN LATERAL (SELECT CASE WHEN s.window_start = d.window_start THEN s.settled / @threshold ELSE 0 END AS first) AS f
          WHERE s.user_id IS NULL OR s.window_start <= d.window_start
        ), settled_first AS (
          INSERT INTO dispatch_fees (user_id, window_start, settled)
          SELECT user_id, window_start, least(upto, (first + fees + 1) * @threshold - 1) FROM owed WHERE NOT known ORDER BY user_id
          ON CONFLICT (user_id) DO NOTHING
          RETURNING user_id
        ), settled_next AS (
          UPDATE dispatch_fees f SET window_start = o.window_start, settled = least(o.upto, (o.first + o.fees + 1) * @threshold - 1)
          FROM owed o WHERE o.known AND o.fees > 0 AND f.user_id = o.user_id
          RETURNING f.user_id
        ), fees AS (
          SELECT d.id FROM dispatches d JOIN owed o USING (user_id)
          WHERE o.user_id IN (SELECT user_id FROM settled_first UNION ALL SELECT user_id FROM settled_next)
            AND d.number IN (SELECT greatest((o.first + fee) * @threshold - o.before, fee) FROM generate_series(1, o.fees) AS fee)
        )
        """;

    private static readonly string Nodes =
        $"""
        nodes AS (
          INSERT INTO node_executions AS kept ({NodeRows.Columns.Names}, fee)
          SELECT node_rows.*, CASE WHEN fees.id IS NULL THEN 0 ELSE @fee END
          FROM @node_rows JOIN won USING (run_id) LEFT JOIN fees ON fees.id = node_rows.id
          ON CONFLICT (id) DO UPDATE SET
            status = excluded.status, attempt = excluded.attempt, host = excluded.host, input = coalesce(excluded.input, kept.input),
            price = excluded.price, fee = greatest(kept.fee, excluded.fee), added_at = excluded.added_at, queued_at = excluded.queued_at,
            started_at = excluded.started_at, ended_at = excluded.ended_at, error = excluded.error, stats = excluded.stats
          WHERE kept.run_id = excluded.run_id
        )
        """;

    /// <summary>One row for each run that won, each dispatch that owes a fee, and each user whose dispatches were counted; the other columns are null.</summary>
    public static RowStatement<LogRows> Statement { get; } = new RowStatement<LogRows>()
        .Rows("head_rows", HeadColumns, rows => rows.Heads)
        .Rows("event_rows", EventColumns, rows => rows.Events)
        .Rows("output_rows", OutputColumns, rows => rows.Outputs)
        .Rows("dispatch_rows", DispatchColumns, rows => rows.Dispatches)
        .Rows("node_rows", NodeRows.Columns, rows => rows.Nodes)
        .Value("lane", rows => rows.Lane)
        .Value("window", rows => rows.Options.ExecutionCountWindow)
        .Value("threshold", rows => (long)rows.Options.ExecutionCostCountThreshold)
        .Value("fee", rows => (long)rows.Options.ExecutionCostPerThreshold)
        .Text(
            $"""
            WITH {Heads}, {RunChanges}, {Events}, {Outputs}, {Counts}, {Nodes}
            SELECT run_id, NULL::uuid, NULL::text, NULL::bigint FROM won
            UNION ALL SELECT NULL, id, NULL, NULL FROM fees
            UNION ALL SELECT NULL, NULL, user_id, before + total FROM added
            """);
}

/// <summary>The rows of a batch for <see cref="LogStatement"/>.</summary>
internal sealed class LogRows
{
    public LogRows(LogBatch batch, ExecutionLogOptions options, int lane)
    {
        Options = options;
        Lane = lane;
        var freeUpTo = FreeUpTo(batch);
        Heads = [.. batch.Chains.Values.Select(chain => new HeadRow(chain, chain.Change(), freeUpTo.TryGetValue(chain.RunId, out var place) ? place : null))];
        Events = [.. batch.Commits.SelectMany(commit => commit.Events.Select((logged, i) => new EventRow(commit.RunId, commit.ExpectedSequence + 1 + i, logged)))];
        Outputs = [.. Events.Where(row => row.Event.Output is not null).Select(row => new OutputRow(row.RunId, row.Sequence, row.Event.Output!))];
        Dispatches = [.. batch.Commits.SelectMany(commit => commit.CountedDispatches.Select(id => new DispatchRow(commit.RunId, id, commit.UserId, commit.At)))];
        Nodes = NodeRows.Coalesce(batch.Commits.SelectMany(commit => commit.Nodes));
    }

    public ExecutionLogOptions Options { get; }

    /// <summary>The lane in which the writer counts dispatches.</summary>
    public int Lane { get; }

    public IReadOnlyList<HeadRow> Heads { get; }

    public IReadOnlyList<EventRow> Events { get; }

    public IReadOnlyList<OutputRow> Outputs { get; }

    public IReadOnlyList<DispatchRow> Dispatches { get; }

    public IReadOnlyList<NodeRow> Nodes { get; }

    /// <summary>
    /// For each run that ran ahead the place of its last dispatch that must not owe the fee, among the dispatches of its user in the batch and from 1.
    /// </summary>
    private static Dictionary<Guid, long> FreeUpTo(LogBatch batch)
    {
        var sent = new Dictionary<string, long>(StringComparer.Ordinal);
        var places = new Dictionary<Guid, long>();
        foreach (var commit in batch.Commits)
        {
            var place = sent[commit.UserId] = sent.GetValueOrDefault(commit.UserId) + commit.CountedDispatches.Count;
            if (commit.MustBeFree) places[commit.RunId] = place;
        }

        return places;
    }
}

/// <summary>What a batch does with one run's head.</summary>
internal readonly record struct HeadRow(RunChain Chain, RunChange? Change, long? FreeUpTo);

internal readonly record struct EventRow(Guid RunId, long Sequence, LogEvent Event);

internal readonly record struct OutputRow(Guid RunId, long Sequence, NodeOutputRow Output);

internal readonly record struct DispatchRow(Guid RunId, Guid NodeExecutionId, string UserId, DateTimeOffset At);
