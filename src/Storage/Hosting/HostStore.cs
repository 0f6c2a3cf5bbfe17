using Npgsql;

namespace Grainflow.Storage.Hosting;

/// <inheritdoc cref="IHostStore"/>
/// <param name="dataSource">The database.</param>
public sealed class HostStore(NpgsqlDataSource dataSource) : IHostStore
{
    /// <inheritdoc/>
    public Task RegisterAsync(Guid incarnation, string name, DateTimeOffset at, CancellationToken cancellationToken) =>
        dataSource.ExecuteAsync(
            """
            INSERT INTO hosts (incarnation, name, started_at, heartbeat_at) VALUES ($1, $2, $3, $3)
            ON CONFLICT (incarnation) DO UPDATE SET heartbeat_at = greatest(hosts.heartbeat_at, excluded.heartbeat_at)
            """,
            [incarnation, name, at],
            cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> HeartbeatAsync(Guid incarnation, DateTimeOffset at, CancellationToken cancellationToken) =>
        await dataSource.ExecuteAsync(
            "UPDATE hosts SET heartbeat_at = greatest(heartbeat_at, $2) WHERE incarnation = $1",
            [incarnation, at],
            cancellationToken) == 1;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostRow>> ListAsync(CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            "SELECT incarnation, name, started_at, heartbeat_at FROM hosts ORDER BY started_at, incarnation",
            [],
            row => new HostRow(row.GetGuid(0), row.GetString(1), row.GetTime(2), row.GetTime(3)),
            cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(IReadOnlyCollection<Guid> incarnations, CancellationToken cancellationToken) =>
        dataSource.ExecuteAsync("DELETE FROM hosts WHERE incarnation = ANY ($1)", [incarnations.ToArray()], cancellationToken);
}
