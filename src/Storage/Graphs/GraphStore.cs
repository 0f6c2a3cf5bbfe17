using Npgsql;

namespace Grainflow.Storage.Graphs;

/// <inheritdoc cref="IGraphStore"/>
/// <param name="dataSource">The database.</param>
public sealed class GraphStore(NpgsqlDataSource dataSource) : IGraphStore
{
    private const string Columns = "id, version, user_id, name, description, is_active, document, created_at, model";

    /// <inheritdoc/>
    public async Task<bool> InsertAsync(IReadOnlyList<GraphRow> graphs, CancellationToken cancellationToken)
    {
        // One statement is one transaction; a version that exists makes all of it fail. A new active version takes the
        // place of the one before it, which the update sees and the inserted one not.
        try
        {
            await dataSource.ExecuteAsync(
                $"""
                WITH replaced AS (
                  UPDATE graphs SET is_active = false
                  WHERE is_active AND id IN (SELECT id FROM unnest($1, $6) AS added (id, active) WHERE active)
                )
                INSERT INTO graphs ({Columns})
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                [
                    graphs.Select(graph => graph.Id).ToArray(),
                    graphs.Select(graph => graph.Version).ToArray(),
                    graphs.Select(graph => graph.UserId).ToArray(),
                    graphs.Select(graph => graph.Name).ToArray(),
                    graphs.Select(graph => graph.Description).ToArray(),
                    graphs.Select(graph => graph.IsActive).ToArray(),
                    Sql.JsonArray(graphs.Select(graph => (ReadOnlyMemory<byte>?)graph.Document)),
                    graphs.Select(graph => graph.CreatedAt.ToUniversalTime()).ToArray(),
                    Sql.JsonArray(graphs.Select(graph => graph.Model)),
                ],
                cancellationToken);
            return true;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task<GraphRow?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken) =>
        dataSource.FirstAsync(
            $"SELECT {Columns} FROM graphs WHERE id = $1 AND ($2::int IS NULL OR version = $2) ORDER BY version DESC LIMIT 1",
            [graphId, version],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphRow>> FindManyAsync(IReadOnlyCollection<GraphKey> keys, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"SELECT {Columns} FROM graphs WHERE (id, version) IN (SELECT * FROM unnest($1, $2)) ORDER BY id, version",
            [keys.Select(key => key.Id).ToArray(), keys.Select(key => key.Version).ToArray()],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphRow>> VersionsAsync(Guid graphId, int limit, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"SELECT {Columns} FROM graphs WHERE id = $1 ORDER BY version DESC LIMIT $2",
            [graphId, limit],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> SetActiveAsync(Guid graphId, int version, string userId, CancellationToken cancellationToken) =>
        await dataSource.ExecuteAsync(
            """
            UPDATE graphs SET is_active = (version = $2)
            WHERE id = $1 AND user_id = $3
              AND EXISTS (SELECT FROM graphs wanted WHERE wanted.id = $1 AND wanted.version = $2 AND wanted.user_id = $3)
            """,
            [graphId, version, userId],
            cancellationToken) > 0;

    /// <inheritdoc/>
    public Task<int> DeleteAsync(Guid graphId, string userId, CancellationToken cancellationToken) =>
        dataSource.ExecuteAsync("DELETE FROM graphs WHERE id = $1 AND user_id = $2", [graphId, userId], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphRow>> ActiveOfUserAsync(string userId, int limit, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"""
            SELECT {Columns} FROM (
              SELECT DISTINCT ON (id) {Columns} FROM graphs WHERE user_id = $1 AND is_active ORDER BY id, version DESC
            ) AS newest
            ORDER BY created_at DESC, id LIMIT $2
            """,
            [userId, limit],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphKey>> WithoutModelAsync(int limit, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            "SELECT id, version FROM graphs WHERE model IS NULL ORDER BY id, version LIMIT $1",
            [limit],
            row => new GraphKey(row.GetGuid(0), row.GetInt32(1)),
            cancellationToken);

    /// <inheritdoc/>
    public Task SetModelAsync(GraphKey key, ReadOnlyMemory<byte> model, CancellationToken cancellationToken) =>
        dataSource.ExecuteAsync(
            "UPDATE graphs SET model = $3 WHERE id = $1 AND version = $2",
            [key.Id, key.Version, Sql.Json(model)],
            cancellationToken);

    private static GraphRow Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Version = row.GetInt32(1),
        UserId = row.GetString(2),
        Name = row.GetString(3),
        Description = row.GetString(4),
        IsActive = row.GetBoolean(5),
        Document = row.GetJson(6),
        CreatedAt = row.GetTime(7),
        Model = row.GetBytesOrNull(8),
    };
}
