using Npgsql;

namespace Grainflow.Storage.Execution;

/// <summary>
/// Reads the logs of many runs with one query: requests that arrive while a query is under way are answered together by the next one.
/// Followers of many active runs make thousands of requests a second.
/// </summary>
internal sealed class LogReader(Database database)
{
    /// <summary>
    /// The most events of one run in one answer. A reader that gets as many requests the next page, so that a long log blocks neither a connection
    /// nor other readers.
    /// </summary>
    public const int PageSize = 500;

    /// <summary>The most runs in one query.</summary>
    private const int MaxRuns = 100;

    // Each output is looked up by its key. A join would be planned while the tables are small, and then read all outputs of the run each time.
    private const string Statement =
        """
        SELECT w.place::int, e.seq, e.kind, e.at, e.body, o.node_execution_id, o.ordinal, o.pin, o.value
        FROM unnest($1, $2) WITH ORDINALITY AS w (run_id, after_seq, place)
        CROSS JOIN LATERAL (
          SELECT seq, kind, at, body FROM execution_events WHERE run_id = w.run_id AND seq > w.after_seq ORDER BY seq LIMIT $3
        ) e
        LEFT JOIN LATERAL (
          SELECT node_execution_id, ordinal, pin, value FROM node_outputs WHERE run_id = w.run_id AND seq = e.seq OFFSET 0
        ) o ON true
        ORDER BY w.place, e.seq
        """;

    private readonly Lock _gate = new();
    private readonly Queue<Request> _waiting = new();
    private bool _reading;

    /// <summary>The next events of a run, at most <see cref="PageSize"/>.</summary>
    public Task<List<LoggedEvent>> PageAsync(Guid runId, long afterSequence, CancellationToken cancellationToken)
    {
        var request = new Request(runId, afterSequence);
        lock (_gate)
        {
            _waiting.Enqueue(request);
            if (!_reading)
            {
                _reading = true;
                // Task.Run and suppressed flow: the task serves other callers as well, so it must have neither the scheduler nor the context of this one.
                using (ExecutionContext.SuppressFlow()) _ = Task.Run(ReadWaitingAsync, CancellationToken.None);
            }
        }

        return request.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task ReadWaitingAsync()
    {
        var batch = new List<Request>();
        while (true)
        {
            batch.Clear();
            lock (_gate)
            {
                while (batch.Count < MaxRuns && _waiting.TryDequeue(out var request)) batch.Add(request);
                if (batch.Count == 0)
                {
                    _reading = false;
                    return;
                }
            }

            await ReadAsync(batch);
        }
    }

    private async Task ReadAsync(List<Request> batch)
    {
        try
        {
            var rows = await database.ListAsync(
                Plan.ByIndex,
                Statement,
                [batch.Select(request => request.RunId).ToArray(), batch.Select(request => request.AfterSequence).ToArray(), PageSize],
                row => (Place: row.GetInt32(0), Event: MapEvent(row)),
                CancellationToken.None);
            var answers = batch.ConvertAll(_ => new List<LoggedEvent>());
            foreach (var (place, logged) in rows) answers[place - 1].Add(logged);
            for (var i = 0; i < batch.Count; i++) batch[i].Answer.TrySetResult(answers[i]);
        }
        catch (Exception exception)
        {
            // All requests of the batch wait for an answer.
            foreach (var request in batch) request.Answer.TrySetException(exception);
        }
    }

    private static LoggedEvent MapEvent(NpgsqlDataReader row) => new(
        row.GetInt64(1),
        row.GetString(2),
        row.GetTime(3),
        row.GetJson(4),
        row.IsDBNull(5) ? null : new NodeOutputRow(row.GetGuid(5), row.GetInt32(6), row.GetString(7), row.GetJson(8)));

    private sealed record Request(Guid RunId, long AfterSequence)
    {
        public TaskCompletionSource<List<LoggedEvent>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
