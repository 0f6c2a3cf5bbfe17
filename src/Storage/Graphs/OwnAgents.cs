namespace Grainflow.Storage.Graphs;

/// <summary>What a search of agents reads of a graph.</summary>
/// <param name="Key">The active version.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description, of which what is beyond 2,000 characters is left out.</param>
public sealed record OwnAgent(GraphKey Key, string Name, string Description);

/// <summary>What a listing of graphs without their schemas reads of a graph.</summary>
/// <param name="Key">The active version.</param>
/// <param name="Document">Its document without nodes and links, JSON in UTF-8.</param>
/// <param name="CreatedAt">When it was stored.</param>
public sealed record OwnAgentHead(GraphKey Key, ReadOnlyMemory<byte> Document, DateTimeOffset CreatedAt);

/// <summary>What a listing of agents has beside the graph itself.</summary>
/// <param name="GraphId">The graph.</param>
/// <param name="HighestVersion">Its highest version.</param>
/// <param name="ReviewsHumanInTheLoop">Whether its blocks for human review ask.</param>
/// <param name="ReviewsSensitiveActions">Whether its blocks with sensitive actions ask.</param>
public sealed record OwnAgentState(Guid GraphId, int HighestVersion, bool ReviewsHumanInTheLoop, bool ReviewsSensitiveActions);

/// <summary>The graphs of a user as the agents of his library (decision 39).</summary>
/// <param name="database">The database.</param>
public sealed class OwnAgents(Database database)
{
    /// <summary>The active version of every graph of a user, newest first, without what a graph consists of.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<OwnAgent>> ListAsync(string userId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        """
        SELECT id, version, name, left(description, 2000) FROM (
          SELECT DISTINCT ON (id) id, version, name, description, created_at FROM graphs WHERE user_id = $1 AND is_active AND deleted_at IS NULL ORDER BY id, version DESC
        ) AS newest
        ORDER BY created_at DESC, id LIMIT $2
        """,
        [userId, limit],
        row => new OwnAgent(new GraphKey(row.GetGuid(0), row.GetInt32(1)), row.GetString(2), row.GetString(3)),
        cancellationToken);

    /// <summary>The same agents as their documents describe them. Nodes and links, which are most of a document, stay in the database.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<OwnAgentHead>> HeadsAsync(string userId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        """
        SELECT id, version, (SELECT coalesce(json_object_agg(key, value), '{}') FROM json_each(document) WHERE key NOT IN ('nodes', 'links')), created_at FROM (
          SELECT DISTINCT ON (id) id, version, document, created_at FROM graphs WHERE user_id = $1 AND is_active AND deleted_at IS NULL ORDER BY id, version DESC
        ) AS newest
        ORDER BY created_at DESC, id LIMIT $2
        """,
        [userId, limit],
        row => new OwnAgentHead(new GraphKey(row.GetGuid(0), row.GetInt32(1)), row.GetJson(2), row.GetTime(3)),
        cancellationToken);

    /// <summary>A page of the agents, with whole descriptions.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="search">What name or description must have, in any case; empty for all.</param>
    /// <param name="skipped">How many agents are before the page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The agents of the page, and how many there are in all.</returns>
    public async Task<(IReadOnlyList<OwnAgent> Agents, long Total)> PageAsync(string userId, string search, long skipped, int limit, CancellationToken cancellationToken)
    {
        // The row without an id has the total, which a page after the last one has too.
        var rows = await database.ListAsync(
            Plan.ByIndex,
            """
            WITH found AS MATERIALIZED (
              SELECT id, version, name, description, created_at FROM (
                SELECT DISTINCT ON (id) id, version, name, description, created_at FROM graphs WHERE user_id = $1 AND is_active AND deleted_at IS NULL ORDER BY id, version DESC
              ) AS newest
              WHERE position(lower($2) IN lower(name)) > 0 OR position(lower($2) IN lower(description)) > 0
            )
            SELECT NULL, 0, '', '', count(*), NULL FROM found
            UNION ALL (SELECT id, version, name, description, 0, created_at FROM found ORDER BY created_at DESC, id OFFSET $3 LIMIT $4)
            """,
            [userId, search, skipped, limit],
            row => row.IsDBNull(0) ? (Agent: null, Total: row.GetInt64(4)) : (Agent: new OwnAgent(new GraphKey(row.GetGuid(0), row.GetInt32(1)), row.GetString(2), row.GetString(3)), Total: 0L),
            cancellationToken);
        return ([.. rows.Select(row => row.Agent).OfType<OwnAgent>()], rows.Sum(row => row.Total));
    }

    /// <summary>How many graphs of a user have an active version.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<long> CountAsync(string userId, CancellationToken cancellationToken) => (await database.ListAsync(
        Plan.ByIndex,
        "SELECT count(DISTINCT id) FROM graphs WHERE user_id = $1 AND is_active AND deleted_at IS NULL",
        [userId],
        row => row.GetInt64(0),
        cancellationToken))[0];

    /// <summary>The state of some graphs, in one query.</summary>
    /// <param name="graphIds">The graphs.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<OwnAgentState>> StatesAsync(IReadOnlyCollection<Guid> graphIds, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        """
        SELECT g.id, max(g.version), coalesce(bool_and(s.human_in_the_loop_safe_mode), true), coalesce(bool_and(s.sensitive_action_safe_mode), false)
        FROM graphs g LEFT JOIN graph_settings s ON s.graph_id = g.id
        WHERE g.id = ANY ($1) AND g.deleted_at IS NULL GROUP BY g.id
        """,
        [graphIds.ToArray()],
        row => new OwnAgentState(row.GetGuid(0), row.GetInt32(1), row.GetBoolean(2), row.GetBoolean(3)),
        cancellationToken);
}
