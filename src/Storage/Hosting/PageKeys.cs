namespace Grainflow.Storage.Hosting;

/// <summary>The keys by which gateways encrypt what a browser carries between them. Any gateway may add one; none is changed or removed.</summary>
/// <param name="database">The database.</param>
public sealed class PageKeys(Database database)
{
    /// <summary>All keys, oldest first, sealed.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<(string Name, byte[] Sealed)>> ListAsync(CancellationToken cancellationToken) =>
        await database.ListAsync(Plan.ByIndex, "SELECT name, sealed FROM page_keys ORDER BY created_at, name", [], row => (row.GetString(0), row.GetFieldValue<byte[]>(1)), cancellationToken);

    /// <summary>Adds a key; one of the same name stays as it is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sealedKey">The key, sealed.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task AddAsync(string name, byte[] sealedKey, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Plan.ByIndex, "INSERT INTO page_keys (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING", [name, sealedKey, at], cancellationToken);
}
