namespace Grainflow.Storage.Hosting;

/// <summary>The processes that serve REST and WebSocket for a cluster, for those that look for one (table <c>gateways</c>).</summary>
/// <param name="database">The database.</param>
public sealed class GatewayStore(Database database)
{
    /// <summary>A row that was not renewed for so long belongs to a process that has died.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>How often a process renews its row.</summary>
    public static TimeSpan RenewEvery { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Writes or renews the row of a process, by the clock of the database, and removes rows of dead processes.</summary>
    /// <param name="id">The process.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="url">The address at which it serves.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public Task RenewAsync(Guid id, string cluster, string url, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        WITH dead AS (DELETE FROM gateways WHERE seen_at < now() - $4::interval AND id <> $1)
        INSERT INTO gateways (id, cluster, url, started_at, seen_at) VALUES ($1, $2, $3, now(), now())
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
        """,
        [id, cluster, url, Lifetime],
        cancellationToken);

    /// <summary>Removes the row of a process.</summary>
    /// <param name="id">The process.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        database.ExecuteAsync("DELETE FROM gateways WHERE id = $1", [id], cancellationToken);

    /// <summary>The addresses of the processes of a cluster, those seen last first.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public Task<List<string>> FindAsync(string cluster, CancellationToken cancellationToken) => database.ListAsync(
        "SELECT url FROM gateways WHERE cluster = $1 AND seen_at >= now() - $2::interval ORDER BY seen_at DESC, id",
        [cluster, Lifetime],
        row => row.GetString(0),
        cancellationToken);
}
