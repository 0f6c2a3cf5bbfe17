using Grainflow.Storage.Notifications;
using Npgsql;

namespace Grainflow.Storage.Monitoring;

/// <summary>The state of a task of the platform.</summary>
/// <param name="Name">The task.</param>
/// <param name="DueAt">When it is due; null when it runs only when it is asked for.</param>
/// <param name="ClaimId">The run under way; null when none is.</param>
/// <param name="Host">The silo that runs it; null when none does.</param>
/// <param name="StartedAt">When the run under way or the last one began; null before the first.</param>
/// <param name="EndedAt">When the last run ended; null before that.</param>
/// <param name="Result">What the last run gave, a JSON value; null when it failed.</param>
/// <param name="Error">Why the last run failed; null when it succeeded.</param>
public sealed record SystemTaskRow(
    string Name, DateTimeOffset? DueAt, Guid? ClaimId, string? Host, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, ReadOnlyMemory<byte>? Result, string? Error);

/// <summary>A run of a task that somebody wants to begin.</summary>
/// <param name="Id">The run.</param>
/// <param name="Host">The silo that will run it.</param>
/// <param name="At">The time.</param>
/// <param name="NextDueAt">When the task is due after this run; null when it runs only when it is asked for.</param>
public sealed record SystemTaskClaim(Guid Id, string Host, DateTimeOffset At, DateTimeOffset? NextDueAt);

/// <summary>How a run of a task has ended.</summary>
/// <param name="At">When.</param>
/// <param name="Result">What it gave, a JSON value; null when it failed.</param>
/// <param name="Error">Why it failed; null when it succeeded.</param>
/// <param name="Events">What is to be told of it, written in the same transaction.</param>
/// <param name="Late">The late executions that were reported in these events, and with them the end of those that are no longer late; null when the run did not look for any.</param>
public sealed record SystemTaskEnd(
    DateTimeOffset At, ReadOnlyMemory<byte>? Result, string? Error, IReadOnlyList<NotificationEvent> Events, IReadOnlyList<(Guid RunId, string Status)>? Late);

/// <summary>The state of the tasks of the platform.</summary>
public interface ISystemTaskStore
{
    /// <summary>The row of a task, made when it is missing.</summary>
    /// <param name="name">The task.</param>
    /// <param name="interval">The time between two runs; null for a task that runs only when it is asked for. A shorter one than at the last run moves the due time forward.</param>
    /// <param name="isDueNow">True to make it due now, as for a task that runs at each start.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<SystemTaskRow> EnsureAsync(string name, TimeSpan? interval, bool isDueNow, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Claims a run, if the row is still as it was read.</summary>
    /// <param name="row">The row as it was read. A run in it is taken to be lost.</param>
    /// <param name="claim">The run.</param>
    /// <param name="cancellationToken">Gives up waiting; the run may be claimed then.</param>
    /// <returns>False, and nothing is changed, when somebody has claimed or ended a run meanwhile.</returns>
    Task<bool> ClaimAsync(SystemTaskRow row, SystemTaskClaim claim, CancellationToken cancellationToken);

    /// <summary>Ends a run, with its events, in one transaction.</summary>
    /// <param name="name">The task.</param>
    /// <param name="claimId">The run.</param>
    /// <param name="end">How it has ended.</param>
    /// <param name="cancellationToken">Gives up waiting; the end may be written then.</param>
    /// <returns>The events that were written; null, and nothing is changed, when the run was ended or taken over before.</returns>
    Task<IReadOnlyList<NotificationEvent>?> EndAsync(string name, Guid claimId, SystemTaskEnd end, CancellationToken cancellationToken);
}

/// <inheritdoc cref="ISystemTaskStore"/>
/// <param name="database">The database.</param>
public sealed class SystemTaskStore(Database database) : ISystemTaskStore
{
    private const string Columns = "name, due_at, claim_id, host, started_at, ended_at, result, error";

    private const string EndRunSql =
        "UPDATE system_tasks SET claim_id = NULL, host = NULL, ended_at = $3, result = $4, error = $5 WHERE name = $1 AND claim_id = $2";

    private const string AddLateSql =
        "INSERT INTO late_executions (run_id, status, reported_at) SELECT run_id, status, $3 FROM unnest($1::uuid[], $2::text[]) AS late (run_id, status)";

    private const string RemoveResolvedSql =
        "DELETE FROM late_executions l WHERE NOT EXISTS (SELECT FROM runs r WHERE r.id = l.run_id AND r.status = l.status AND NOT r.deleted)";

    /// <inheritdoc/>
    public async Task<SystemTaskRow> EnsureAsync(string name, TimeSpan? interval, bool isDueNow, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var first = isDueNow ? now : now + interval;
        var rows = await database.ListAsync(
            Plan.ByIndex,
            $"""
            INSERT INTO system_tasks AS t (name, due_at) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET due_at = CASE
              WHEN $2 IS NULL THEN NULL
              WHEN $4 THEN least(t.due_at, $2)
              ELSE least(t.due_at, coalesce(t.started_at + $3, $2)) END
            RETURNING {Columns}
            """,
            [name, Time(first), Span(interval), isDueNow],
            Map,
            cancellationToken);
        return rows[0];
    }

    /// <inheritdoc/>
    public async Task<bool> ClaimAsync(SystemTaskRow row, SystemTaskClaim claim, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            Plan.ByIndex,
            """
            UPDATE system_tasks SET claim_id = $2, host = $3, started_at = $4, due_at = $5
            WHERE name = $1 AND claim_id IS NOT DISTINCT FROM $6 AND due_at IS NOT DISTINCT FROM $7
            """,
            [row.Name, claim.Id, claim.Host, claim.At, Time(claim.NextDueAt), new NpgsqlParameter { Value = (object?)row.ClaimId ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid }, Time(row.DueAt)],
            cancellationToken) > 0;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NotificationEvent>?> EndAsync(string name, Guid claimId, SystemTaskEnd end, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var ended = await session.ExecuteAsync(
            Plan.ByIndex, EndRunSql, [name, claimId, end.At, Sql.Json(end.Result), new NpgsqlParameter { Value = (object?)end.Error ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }], cancellationToken);
        if (ended == 0) return null;

        var written = new List<NotificationEvent>();
        foreach (var notification in end.Events)
            if (await NotificationEventStore.AddAsync(session, notification, cancellationToken)) written.Add(notification);
        if (end.Late is { } late)
        {
            await session.ExecuteAsync(Plan.ByIndex, RemoveResolvedSql, [], cancellationToken);
            if (late.Count > 0)
            {
                await session.ExecuteAsync(
                    Plan.ByIndex, AddLateSql, [late.Select(item => item.RunId).ToArray(), late.Select(item => item.Status).ToArray(), end.At], cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return written;
    }

    private static SystemTaskRow Map(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetTimeOrNull(1), row.GetGuidOrNull(2), row.GetStringOrNull(3), row.GetTimeOrNull(4), row.GetTimeOrNull(5), row.GetBytesOrNull(6), row.GetStringOrNull(7));

    private static NpgsqlParameter Time(DateTimeOffset? time) => new() { Value = (object?)time?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz };

    private static NpgsqlParameter Span(TimeSpan? span) => new() { Value = (object?)span ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Interval };
}
