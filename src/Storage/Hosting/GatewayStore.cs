namespace Grainflow.Storage.Hosting;

/// <summary>A process that serves REST and WebSocket for a cluster.</summary>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Url">The address at which it serves.</param>
/// <param name="Machine">The name of its machine: an address on loopback leads to it from there only.</param>
public sealed record AnnouncedGateway(string Cluster, string Url, string Machine);

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
    /// <param name="gateway">What it serves.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public Task RenewAsync(Guid id, AnnouncedGateway gateway, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        WITH dead AS (DELETE FROM gateways WHERE seen_at < now() - $5::interval AND id <> $1)
        INSERT INTO gateways (id, cluster, url, machine, started_at, seen_at) VALUES ($1, $2, $3, $4, now(), now())
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
        """,
        [id, gateway.Cluster, gateway.Url, gateway.Machine, Lifetime],
        cancellationToken);

    /// <summary>Removes the row of a process.</summary>
    /// <param name="id">The process.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        database.ExecuteAsync("DELETE FROM gateways WHERE id = $1", [id], cancellationToken);

    /// <summary>Whether the row of a process is there and was renewed lately. A process that is paused for long counts as dead and may come back.</summary>
    /// <param name="id">The process.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public async Task<bool> IsAliveAsync(Guid id, CancellationToken cancellationToken) =>
        (await database.ListAsync("SELECT 1 FROM gateways WHERE id = $1 AND seen_at >= now() - $2::interval", [id, Lifetime], row => row.GetInt32(0), cancellationToken)).Count > 0;

    /// <summary>The processes of a cluster that a machine can reach, those seen last first.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="machine">The name of the machine; addresses on loopback of other machines are left out.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public async Task<IReadOnlyList<AnnouncedGateway>> FindAsync(string cluster, string machine, CancellationToken cancellationToken)
    {
        var gateways = await database.ListAsync(
            "SELECT url, machine FROM gateways WHERE cluster = $1 AND seen_at >= now() - $2::interval ORDER BY seen_at DESC, id",
            [cluster, Lifetime],
            row => new AnnouncedGateway(cluster, row.GetString(0), row.GetString(1)),
            cancellationToken);
        return [.. gateways.Where(gateway => gateway.Machine == machine || !new Uri(gateway.Url).IsLoopback)];
    }
}
