using Grainflow.Storage.Execution;
using Grainflow.Storage.RunFiles;
using Npgsql;

namespace Grainflow.Storage.Graphs;

/// <inheritdoc cref="IGraphStore"/>
/// <param name="database">The database.</param>
public sealed class GraphStore(Database database) : IGraphStore
{
    private const string Columns = "id, version, user_id, name, description, is_active, document, created_at, model, deleted_at";

    private static readonly RowColumns<GraphRow> GivenColumns = new RowColumns<GraphRow>()
        .Uuid("id", graph => graph.Id)
        .Int("version", graph => graph.Version)
        .Text("user_id", graph => graph.UserId)
        .Text("name", graph => graph.Name)
        .Text("description", graph => graph.Description)
        .Bool("is_active", graph => graph.IsActive)
        .Json("document", graph => graph.Document)
        .Time("created_at", graph => graph.CreatedAt)
        .Json("model", graph => graph.Model);

    // One statement is one transaction; a version that exists makes all of it fail. A new active version takes the
    // place of the one before it, which the update sees and the inserted one not.
    // "kept" locks the versions that are there, so that a deletion comes either before, and then nothing is inserted, or after it.
    private static readonly RowStatement<IReadOnlyList<GraphRow>> InsertStatement = new RowStatement<IReadOnlyList<GraphRow>>()
        .Rows("added", GivenColumns, graphs => graphs)
        .Text(
            $"""
            WITH kept AS (
              SELECT deleted_at FROM graphs WHERE id IN (SELECT id FROM @added) ORDER BY id, version FOR KEY SHARE
            ), replaced AS (
              UPDATE graphs SET is_active = false
              WHERE is_active AND id IN (SELECT added.id FROM @added WHERE added.is_active)
                AND NOT EXISTS (SELECT FROM kept WHERE deleted_at IS NOT NULL)
            )
            INSERT INTO graphs ({GivenColumns.Names})
            SELECT * FROM @added WHERE NOT EXISTS (SELECT FROM kept WHERE deleted_at IS NOT NULL)
            """);

    // Runs belong to the owner of their graph, whose unfinished runs have an index; finished ones are looked at only as children of these.
    // The files of runs go with the graph version: nothing reads them any more.
    private static readonly string CollectDeletedSql =
        $"""
        WITH gone AS (
          DELETE FROM graphs g WHERE g.deleted_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM runs r
            WHERE r.user_id = g.user_id AND r.status NOT IN {FinalStatuses.Sql}
              AND ((r.graph_id = g.id AND r.graph_version = g.version)
                OR EXISTS (SELECT FROM runs c WHERE c.parent_run_id = r.id AND c.graph_id = g.id AND c.graph_version = g.version)))
          RETURNING g.id, g.version
        ), settings AS (
          DELETE FROM graph_settings s USING gone WHERE s.graph_id = gone.id AND NOT EXISTS (SELECT FROM graphs g WHERE g.id = gone.id AND g.deleted_at IS NULL)
        ), old AS (
          DELETE FROM run_files f USING runs r, gone
          WHERE r.graph_id = gone.id AND r.graph_version = gone.version AND f.run_id = r.id
          RETURNING f.content_id, f.place
        ), {RunFileStore.RemoveContents}
        SELECT count(*) FROM gone
        """;

    /// <inheritdoc/>
    public async Task<bool> InsertAsync(IReadOnlyList<GraphRow> graphs, CancellationToken cancellationToken)
    {
        try
        {
            return await database.ExecuteAsync(InsertStatement.Sql, InsertStatement.Parameters(graphs), cancellationToken) > 0;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task<GraphRow?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken) =>
        database.FirstAsync(
            Plan.ByIndex,
            $"""
            SELECT {Columns} FROM graphs WHERE id = $1 AND ($2::int IS NULL OR version = $2) AND deleted_at IS NULL
            ORDER BY version DESC LIMIT 1
            """,
            [graphId, version],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public Task<GraphRow?> FindForRunAsync(GraphKey key, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM graphs WHERE id = $1 AND version = $2", [key.Id, key.Version], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(GraphKey key, CancellationToken cancellationToken) =>
        (await database.ListAsync(
            Plan.ByIndex,
            "SELECT version FROM graphs WHERE id = $1 AND version = $2 AND deleted_at IS NULL",
            [key.Id, key.Version],
            row => row.GetInt32(0),
            cancellationToken)).Count > 0;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> DeletedAsync(IReadOnlyCollection<Guid> graphIds, CancellationToken cancellationToken) =>
        await database.ListAsync(
            "SELECT DISTINCT id FROM graphs WHERE id = ANY ($1) AND deleted_at IS NOT NULL",
            [graphIds.ToArray()],
            row => row.GetGuid(0),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphRow>> FindManyAsync(IReadOnlyCollection<GraphKey> keys, CancellationToken cancellationToken) =>
        await database.ListAsync(
            $"SELECT {Columns} FROM graphs WHERE (id, version) IN (SELECT * FROM unnest($1, $2)) AND deleted_at IS NULL ORDER BY id, version",
            [keys.Select(key => key.Id).ToArray(), keys.Select(key => key.Version).ToArray()],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphRow>> VersionsAsync(Guid graphId, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            $"SELECT {Columns} FROM graphs WHERE id = $1 AND deleted_at IS NULL ORDER BY version DESC LIMIT $2",
            [graphId, limit],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> SetActiveAsync(Guid graphId, int version, string userId, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            UPDATE graphs SET is_active = (version = $2)
            WHERE id = $1 AND user_id = $3 AND deleted_at IS NULL
              AND EXISTS (SELECT FROM graphs wanted WHERE wanted.id = $1 AND wanted.version = $2 AND wanted.user_id = $3 AND wanted.deleted_at IS NULL)
            """,
            [graphId, version, userId],
            cancellationToken) > 0;

    /// <inheritdoc/>
    public async Task<int> DeleteAsync(Guid graphId, string userId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        // The lock of "gone" is stronger than that of the update and waits for FOR KEY SHARE, by which a run that is being created holds its
        // version. A version that was being inserted meanwhile is found by the next round.
        var deleted = 0;
        int marked;
        do
        {
            marked = await database.ExecuteAsync(
                """
                WITH gone AS (
                  SELECT id, version FROM graphs WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL ORDER BY version FOR UPDATE
                )
                UPDATE graphs g SET deleted_at = $3, is_active = false FROM gone WHERE g.id = gone.id AND g.version = gone.version
                """,
                [graphId, userId, at],
                cancellationToken);
            deleted += marked;
        }
        while (marked > 0);
        return deleted;
    }

    /// <inheritdoc/>
    public async Task<int> CollectDeletedAsync(CancellationToken cancellationToken) =>
        (int)(await database.ListAsync(CollectDeletedSql, [], row => row.GetInt64(0), cancellationToken))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphRow>> ActiveOfUserAsync(string userId, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            $"""
            SELECT {Columns} FROM (
              SELECT DISTINCT ON (id) {Columns} FROM graphs WHERE user_id = $1 AND is_active AND deleted_at IS NULL ORDER BY id, version DESC
            ) AS newest
            ORDER BY created_at DESC, id LIMIT $2
            """,
            [userId, limit],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GraphKey>> WithoutModelAsync(int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            "SELECT id, version FROM graphs WHERE model IS NULL AND deleted_at IS NULL ORDER BY id, version LIMIT $1",
            [limit],
            row => new GraphKey(row.GetGuid(0), row.GetInt32(1)),
            cancellationToken);

    /// <inheritdoc/>
    public Task SetModelAsync(GraphKey key, ReadOnlyMemory<byte> model, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
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
        DeletedAt = row.GetTimeOrNull(9),
    };
}
