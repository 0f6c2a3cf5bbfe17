using Npgsql;

namespace Grainflow.Storage.Hosting;

/// <summary>Tells a connection pooler, such as pgbouncer, from PostgreSQL itself.</summary>
internal static class Pooler
{
    /// <summary>
    /// True when something between this process and PostgreSQL answered the start of a session in the server's place. A server names the
    /// process that serves a session, by which the session's statements can be cancelled. A pooler has no such process and makes up a number.
    /// </summary>
    /// <param name="address">The database.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task<bool> IsBetweenAsync(NpgsqlConnectionStringBuilder address, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(address.ConnectionString) { Pooling = false, SearchPath = null };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return await BackendAsync(connection, cancellationToken) != connection.ProcessID;
    }

    /// <summary>The process of the server that runs this statement.</summary>
    internal static async Task<int> BackendAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.ListAsync("SELECT pg_backend_pid()", [], row => row.GetInt32(0), cancellationToken))[0];
}
