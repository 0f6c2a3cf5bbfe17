namespace Grainflow.Storage.Graphs;

/// <summary>Finds the graphs of users by name.</summary>
/// <param name="database">The database.</param>
public sealed class AgentNames(Database database)
{
    /// <summary>The graphs of a user whose active version has exactly this name, oldest first.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<GraphKey>> FindAsync(string userId, string name, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT id, max(version) FROM graphs WHERE user_id = $1 AND name = $2 AND is_active AND deleted_at IS NULL GROUP BY id ORDER BY min(created_at), id
        """,
        [userId, name],
        row => new GraphKey(row.GetGuid(0), row.GetInt32(1)),
        cancellationToken);

    /// <summary>The active version of a graph of a user, or null.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="graphId">The graph.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<GraphKey?> FindAsync(string userId, Guid graphId, CancellationToken cancellationToken) => database.FirstAsync(
        "SELECT id, version FROM graphs WHERE user_id = $1 AND id = $2 AND is_active AND deleted_at IS NULL ORDER BY version DESC LIMIT 1",
        [userId, graphId],
        row => new GraphKey(row.GetGuid(0), row.GetInt32(1)),
        cancellationToken);
}
