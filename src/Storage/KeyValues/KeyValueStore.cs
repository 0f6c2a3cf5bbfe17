using System.Text;

namespace Grainflow.Storage.KeyValues;

/// <inheritdoc cref="IKeyValueStore"/>
/// <param name="database">The database.</param>
public sealed class KeyValueStore(Database database) : IKeyValueStore
{
    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(string userId, string key, CancellationToken cancellationToken)
    {
        var found = await database.ListAsync(
            Plan.ByIndex,
            "SELECT value::text FROM user_values WHERE user_id = $1 AND key = $2",
            [userId, key],
            row => Encoding.UTF8.GetBytes(row.GetString(0)),
            cancellationToken);
        return found.Count == 0 ? (ReadOnlyMemory<byte>?)null : found[0];
    }

    /// <inheritdoc/>
    public async Task<bool> SaveAsync(UserValueRow value, int maxKeys, long maxBytes, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            Plan.ByIndex,
            """
            INSERT INTO user_values (user_id, key, value, bytes, updated_at)
            SELECT $1, $2, $3, $4, $5
            FROM (SELECT count(*) AS keys, coalesce(sum(bytes), 0) AS bytes FROM user_values WHERE user_id = $1 AND key <> $2) others
            WHERE others.keys < $6 AND others.bytes + $4 <= $7
            ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value, bytes = excluded.bytes, updated_at = excluded.updated_at
            """,
            [value.UserId, value.Key, Sql.Json(value.Json), value.Json.Length, value.UpdatedAt, maxKeys, maxBytes],
            cancellationToken) > 0;
}
