using Npgsql;

namespace Grainflow.Storage.Hosting;

/// <summary>A connection that needs a session of the server for itself leads to a pooler, which gives the session to others between transactions.</summary>
/// <param name="message">What was seen.</param>
/// <param name="innerException">What the pooler said, or null.</param>
public sealed class PoolerException(string message, Exception? innerException = null) : InvalidOperationException(message, innerException);

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

    /// <summary>
    /// Refuses a connection whose transactions run in whichever session of the server is free. A pooler that is idle gives the same session
    /// again and again; so another connection holds one in a transaction meanwhile.
    /// </summary>
    /// <param name="dataSource">Opens the other connection.</param>
    /// <param name="connection">The connection; nothing is left in its session.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="PoolerException">The session of the connection changes, or another connection has it as well.</exception>
    public static async Task RefuseSharedAsync(NpgsqlDataSource dataSource, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var backend = await BackendAsync(connection, cancellationToken);
        await using var other = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await other.BeginTransactionAsync(cancellationToken);
        if (await BackendAsync(other, cancellationToken) == backend) throw new PoolerException("Two connections share a session of the server.");
        await RequireAsync(connection, backend, cancellationToken);
    }

    /// <summary>Refuses a connection that is not served by a process any more.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="backend">The process that served it before.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="PoolerException">Another process serves it.</exception>
    public static async Task RequireAsync(NpgsqlConnection connection, int backend, CancellationToken cancellationToken)
    {
        if (await BackendAsync(connection, cancellationToken) != backend) throw new PoolerException("The session of the server changed from one transaction to the next.");
    }

    /// <summary>The process of the server that runs this statement.</summary>
    private static async Task<int> BackendAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.ListAsync("SELECT pg_backend_pid()", [], row => row.GetInt32(0), cancellationToken))[0];
}
