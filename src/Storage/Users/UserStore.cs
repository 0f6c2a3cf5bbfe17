namespace Grainflow.Storage.Users;

/// <inheritdoc cref="IUserStore"/>
/// <param name="database">The database.</param>
public sealed class UserStore(Database database) : IUserStore
{
    /// <inheritdoc/>
    public async Task<UserRow> EnsureAsync(string userId, string? email, string? name, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            "INSERT INTO users (id, email, name, created_at) VALUES ($1, $2::text, $3::text, $4) ON CONFLICT (id) DO NOTHING",
            [userId, email, name, at],
            cancellationToken);
        return await FindAsync(userId, cancellationToken)
            ?? throw new InvalidOperationException($"User {userId} was deleted while being created.");
    }

    /// <inheritdoc/>
    public Task<UserRow?> FindAsync(string userId, CancellationToken cancellationToken) =>
        database.FirstAsync(
            "SELECT id, email, name, created_at FROM users WHERE id = $1",
            [userId],
            row => new UserRow(row.GetString(0), row.GetStringOrNull(1), row.GetStringOrNull(2), row.GetTime(3)),
            cancellationToken);
}
