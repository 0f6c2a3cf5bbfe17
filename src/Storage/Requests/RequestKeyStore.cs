namespace Grainflow.Storage.Requests;

/// <inheritdoc cref="IRequestKeyStore"/>
/// <param name="database">The database.</param>
public sealed class RequestKeyStore(Database database) : IRequestKeyStore
{
    /// <summary>How many expired requests each new request deletes; more than one, so that they do not pile up.</summary>
    private const int Swept = 20;

    /// <inheritdoc/>
    public async Task<RequestKeyRow> EnsureAsync(RequestKeyRow request, DateTimeOffset oldBefore, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindAsync(request.UserId, request.Key, cancellationToken) is { } known && known.CreatedAt >= oldBefore) return known;
            await database.ExecuteAsync(
            Plan.ByIndex,
                """
                DELETE FROM request_keys WHERE user_id = $1 AND key = $2 AND created_at < $3 OR ctid = ANY (ARRAY(
                  SELECT ctid FROM request_keys WHERE created_at < $3 ORDER BY created_at LIMIT $4 FOR UPDATE SKIP LOCKED))
                """,
                [request.UserId, request.Key, oldBefore, Swept],
                cancellationToken);
            var added = await database.ExecuteAsync(
            Plan.ByIndex,
                """
                INSERT INTO request_keys (user_id, key, fingerprint, resource_id, created_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (user_id, key) DO NOTHING
                """,
                [request.UserId, request.Key, request.Fingerprint, request.ResourceId, request.CreatedAt],
                cancellationToken);
            if (added > 0) return request;
        }
    }

    /// <inheritdoc/>
    public Task AnswerAsync(RequestKeyRow request, int status, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            Plan.ByIndex,
            "UPDATE request_keys SET status = $4, answer = $5 WHERE user_id = $1 AND key = $2 AND resource_id = $3 AND status IS NULL",
            [request.UserId, request.Key, request.ResourceId, status, answer.ToArray()],
            cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(RequestKeyRow request, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            Plan.ByIndex,
            "DELETE FROM request_keys WHERE user_id = $1 AND key = $2 AND resource_id = $3 AND status IS NULL",
            [request.UserId, request.Key, request.ResourceId],
            cancellationToken);

    private Task<RequestKeyRow?> FindAsync(string userId, string key, CancellationToken cancellationToken) =>
        database.FirstAsync(
            Plan.ByIndex,
            "SELECT user_id, key, fingerprint, resource_id, created_at, status, answer FROM request_keys WHERE user_id = $1 AND key = $2",
            [userId, key],
            row => new RequestKeyRow(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetGuid(3), row.GetTime(4),
                row.IsDBNull(5) ? null : row.GetInt32(5), row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6)),
            cancellationToken);
}
