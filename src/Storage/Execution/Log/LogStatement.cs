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
    // Heads are locked in the order of their ids, and after all heads the counts in the order of their users, so that writers of several
    // processes cannot deadlock. "counted" locks the counts of all users whose dispatches may be written, not only of those that are compared,
    // and the count(*) in "won" makes it finish before "counts" changes the first of them. Only a user's very first dispatch finds no row to lock.
    //
    // A run that ran ahead wins only where none of its dispatches can get a number that owes the fee. free_upto is the place of its last
    // dispatch among those of its user in this batch, so its numbers are at most count + free_upto, and at most free_upto where this batch
    // begins a new window; neither range may reach a multiple of the threshold. The window in which the writer made its forecast does not
    // matter, since the locked count is compared and not the forecast.
    private const string Heads =
        $"""
        request AS (
          SELECT * FROM @head_rows WHERE epoch >= 0 AND expected_seq >= 0 AND last_seq > expected_seq
        ), locked AS (
          SELECT h.run_id FROM run_head h JOIN request r USING (run_id)
          WHERE h.epoch = r.epoch AND h.last_seq = r.expected_seq AND h.status NOT IN {FinalStatuses.Sql}
          ORDER BY h.run_id FOR UPDATE OF h
        ), counted AS (
          SELECT user_id, count FROM dispatch_counts
          WHERE user_id IN (SELECT dispatch_rows.user_id FROM @dispatch_rows JOIN locked USING (run_id))
          ORDER BY user_id FOR UPDATE
        ), won AS (
          UPDATE run_head h SET last_seq = r.last_seq, moved_at = now(), status = coalesce(r.status, h.status), stats = coalesce(r.stats, h.stats)
          FROM locked JOIN request r USING (run_id)
          WHERE h.run_id = locked.run_id AND (SELECT count(*) FROM counted) >= 0
            AND (r.free_upto IS NULL OR (SELECT c.count % @threshold FROM counted c WHERE c.user_id = r.user_id) + r.free_upto < @threshold)
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

    // The dispatches of a user get the numbers after the stored count, in the order of the batch; those with a multiple of the threshold owe the fee.
    private const string Counts =
        """
        dispatches AS (
          SELECT d.id, d.user_id, d.at,
            row_number() OVER (PARTITION BY d.user_id ORDER BY d.place) AS number,
            count(*) OVER (PARTITION BY d.user_id) AS total
          FROM (SELECT dispatch_rows.* FROM @dispatch_rows JOIN won USING (run_id)) AS d
        ), counts AS (
          INSERT INTO dispatch_counts AS c (user_id, window_start, count)
          SELECT user_id, max(at), count(*) FROM dispatches GROUP BY user_id ORDER BY user_id
          ON CONFLICT (user_id) DO UPDATE SET
            window_start = CASE WHEN excluded.window_start >= c.window_start + @window THEN excluded.window_start ELSE c.window_start END,
            count = CASE WHEN excluded.window_start >= c.window_start + @window THEN excluded.count ELSE c.count + excluded.count END
          RETURNING user_id, count
        ), fees AS (
          SELECT d.id FROM dispatches d JOIN counts USING (user_id) WHERE (counts.count - d.total + d.number) % @threshold = 0
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
        .Value("window", rows => rows.Options.ExecutionCountWindow)
        .Value("threshold", rows => (long)rows.Options.ExecutionCostCountThreshold)
        .Value("fee", rows => (long)rows.Options.ExecutionCostPerThreshold)
        .Text(
            $"""
            WITH {Heads}, {RunChanges}, {Events}, {Outputs}, {Counts}, {Nodes}
            SELECT run_id, NULL::uuid, NULL::text, NULL::bigint FROM won
            UNION ALL SELECT NULL, id, NULL, NULL FROM fees
            UNION ALL SELECT NULL, NULL, user_id, count FROM counts
            """);
}

/// <summary>The rows of a batch for <see cref="LogStatement"/>.</summary>
internal sealed class LogRows
{
    public LogRows(LogBatch batch, ExecutionLogOptions options)
    {
        Options = options;
        var freeUpTo = FreeUpTo(batch);
        Heads = [.. batch.Chains.Values.Select(chain => new HeadRow(chain, chain.Change(), freeUpTo.TryGetValue(chain.RunId, out var place) ? place : null))];
        Events = [.. batch.Commits.SelectMany(commit => commit.Events.Select((logged, i) => new EventRow(commit.RunId, commit.ExpectedSequence + 1 + i, logged)))];
        Outputs = [.. Events.Where(row => row.Event.Output is not null).Select(row => new OutputRow(row.RunId, row.Sequence, row.Event.Output!))];
        Dispatches = [.. batch.Commits.SelectMany(commit => commit.CountedDispatches.Select(id => new DispatchRow(commit.RunId, id, commit.UserId, commit.At)))];
        Nodes = NodeRows.Coalesce(batch.Commits.SelectMany(commit => commit.Nodes));
    }

    public ExecutionLogOptions Options { get; }

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
