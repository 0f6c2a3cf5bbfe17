using Npgsql;

namespace Grainflow.Storage.Execution;

/// <summary>
/// Reads the logs of many runs with one query: what is asked for while a query is under way goes together into the next one.
/// Whoever watches many runs that grow asks thousands of times a second.
/// </summary>
internal sealed class LogReader(Database database)
{
    /// <summary>Events of one run in one answer; a reader that gets as many asks again, so that it holds neither a connection nor the others up.</summary>
    public const int PageSize = 500;

    /// <summary>Runs in one query.</summary>
    private const int MaxRuns = 100;

    // The outputs are looked up one by one through their key: a plan made while the tables were small would read all those of the run each time.
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
                // Nor on the caller's scheduler or with its context: it will read for others, too.
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
            // Whatever went wrong, all of them wait for an answer.
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
