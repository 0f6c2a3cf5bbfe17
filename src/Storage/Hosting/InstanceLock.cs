using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Grainflow.Storage.Hosting;

/// <summary>
/// Makes this process the only instance of a name on a database and schema, or its cluster the only one, by an advisory lock of a session. The processes of a
/// cluster share it. It has no time limit; it ends when it is disposed, when the process dies, or when the connection breaks.
/// </summary>
public sealed class InstanceLock : IAsyncDisposable
{
    private const string SchemaColumn = "coalesce(current_schema(), 'public')::text";

    // Part of the name of a session; PostgreSQL keeps 63 bytes of a name, and the name of a cluster has 50 at most.
    private const string OfCluster = " of ";

    // A lock on a 64-bit key is shown as its two halves, with objsubid 1.
    private const string IsHeld =
        """
        l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
        """;

    private readonly NpgsqlConnection _connection;
    private readonly Holding _holding;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;

    private InstanceLock(NpgsqlConnection connection, Holding holding)
    {
        _connection = connection;
        _holding = holding;
        Lost = _lost.Token;
        _watch = WatchAsync();
    }

    /// <summary>Cancelled when the connection that holds the lock broke: another instance may have started.</summary>
    public CancellationToken Lost { get; }

    /// <summary>The lane of this process among those that share the lock: the first that no other has, 0 for a process that is alone.</summary>
    public int Lane => _holding.Lane;

    /// <summary>Acquires the lock. A holder whose process was killed a moment ago has a second to release it.</summary>
    /// <param name="dataSource">Leads to PostgreSQL itself.</param>
    /// <param name="instanceName">The name of which there may be one instance.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <exception cref="DataInUseException">Another process has it.</exception>
    /// <exception cref="PoolerException">The data source leads to a pooler that gives each transaction another session; the lock would belong to all of its clients.</exception>
    public static Task<InstanceLock> AcquireAsync(NpgsqlDataSource dataSource, string instanceName, CancellationToken cancellationToken) =>
        AcquireAsync(dataSource, instanceName, cluster: null, TimeSpan.FromSeconds(1), cancellationToken);

    /// <inheritdoc cref="AcquireAsync(NpgsqlDataSource, string, string?, TimeSpan, CancellationToken)"/>
    public static Task<InstanceLock> AcquireAsync(NpgsqlDataSource dataSource, string instanceName, TimeSpan patience, CancellationToken cancellationToken) =>
        AcquireAsync(dataSource, instanceName, cluster: null, patience, cancellationToken);

    /// <summary>Acquires the lock.</summary>
    /// <param name="dataSource">Leads to PostgreSQL itself.</param>
    /// <param name="instanceName">The name of which there may be one instance.</param>
    /// <param name="cluster">The cluster that shares the lock, at most 50 characters; null for a process that is alone.</param>
    /// <param name="patience">How long to wait for the holder to release it; zero to be refused at once.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <exception cref="DataInUseException">Another process has it that is alone, or one of another cluster.</exception>
    /// <exception cref="PoolerException">The data source leads to a pooler that gives each transaction another session; the lock would belong to all of its clients.</exception>
    public static async Task<InstanceLock> AcquireAsync(
        NpgsqlDataSource dataSource,
        string instanceName,
        string? cluster,
        TimeSpan patience,
        CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        InstanceLock? acquired = null;
        long key = 0;
        try
        {
            // Before the lock, because a lock in a session of a pooler could not be released.
            await Pooler.RefuseSharedAsync(dataSource, connection, cancellationToken);
            await connection.ExecuteAsync("SELECT set_config('application_name', $1, false)", [$"grainflow {Environment.ProcessId}{(cluster is null ? "" : OfCluster + cluster)}"], cancellationToken);
            var schema = (await connection.ListAsync($"SELECT {SchemaColumn}", [], row => row.GetString(0), cancellationToken))[0];
            key = KeyOf(instanceName, schema);
            // A lock_timeout of 0 would mean for ever.
            var backends = await connection.ListAsync(
                settings: $"SELECT set_config('lock_timeout', '{Math.Max(1, (long)patience.TotalMilliseconds)}ms', true)",
                cluster is null ? "SELECT pg_advisory_lock($1), pg_backend_pid()" : "SELECT pg_advisory_lock_shared($1), pg_backend_pid()",
                [key],
                row => row.GetInt32(1),
                cancellationToken);
            await Pooler.RequireAsync(connection, backends[0], cancellationToken);
            // Two clusters that start at the same moment may both find the other and be refused, which loses nothing.
            if (cluster is not null && (await HoldersAsync(connection, key, cancellationToken)).FirstOrDefault(holder => holder.Cluster != cluster) is { } foreign)
            {
                // The session goes back to the pool and would keep the lock there.
                await connection.ExecuteAsync("SELECT pg_advisory_unlock_all()", [], cancellationToken);
                throw new DataInUseException(Refusal(instanceName, cluster, foreign));
            }

            var lane = cluster is null ? 0 : await AcquireLaneAsync(connection, key, cancellationToken);
            acquired = new InstanceLock(connection, new Holding(key, schema, backends[0], lane));
            return acquired;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new DataInUseException(Refusal(instanceName, cluster, (await HoldersAsync(connection, key, cancellationToken)).FirstOrDefault()));
        }
        finally
        {
            if (acquired is null) await connection.DisposeAsync();
        }
    }

    /// <summary>
    /// Whether another way to the database leads to this lock: to the same server, database and schema. If not, the lock protects nothing
    /// of what is written there.
    /// </summary>
    /// <param name="database">The other way; a pooler may be in between.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    public async Task<bool> IsSeenThroughAsync(Database database, CancellationToken cancellationToken)
    {
        var seen = await database.ListAsync(
            $"SELECT EXISTS (SELECT FROM pg_locks l WHERE {IsHeld} AND l.pid = $2) AND {SchemaColumn} = $3",
            [_holding.Key, _holding.Backend, _holding.Schema],
            row => row.GetBoolean(0),
            cancellationToken);
        return seen[0];
    }

    /// <summary>Releases the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _watch;
        // The session goes back to the pool with its locks. A lost lock is gone with its session.
        try
        {
            if (!Lost.IsCancellationRequested)
                await _connection.ExecuteAsync("SELECT pg_advisory_unlock_all()", [], CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            await _lost.CancelAsync();
        }

        await _connection.DisposeAsync();
        _stop.Dispose();
        _lost.Dispose();
    }

    /// <summary>The lock's key. Locks are those of a database; the name of the schema tells the servers on one database apart.</summary>
    private static long KeyOf(string instanceName, string schema) => BitConverter.ToInt64(
        SHA256.HashData(Encoding.UTF8.GetBytes("grainflow:instance:" + instanceName + (schema == "public" ? "" : "\n" + schema))));

    /// <summary>Takes the first lane that no other process has. With more processes than lanes some share one.</summary>
    private static async Task<int> AcquireLaneAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        var lanes = await connection.ListAsync(
            "SELECT lane FROM generate_series(0, $2 - 1) AS lane WHERE pg_try_advisory_lock($1, lane) LIMIT 1",
            [unchecked((int)key), WriterLane.Count],
            row => row.GetInt32(0),
            cancellationToken);
        return lanes.Count > 0 ? lanes[0] : Environment.ProcessId % WriterLane.Count;
    }

    private static string Refusal(string instanceName, string? cluster, Holder? holder)
    {
        var by = holder?.Description ?? "the holder has gone in this moment; try again";
        return (cluster, holder?.Cluster) switch
        {
            (null, { } theirs) => $"Cluster '{theirs}' runs on this database: {by}. Set CLUSTER={theirs} to join it, or use another database.",
            ({ } ours, { } theirs) => $"Cluster '{theirs}' runs on this database: {by}. Cluster '{ours}' cannot use it as well; use another database.",
            ({ } ours, null) => $"'{instanceName}' runs on this database already, without CLUSTER: {by}. Stop it before cluster '{ours}' uses this database.",
            _ => $"'{instanceName}' runs on this database already: {by}.",
        };
    }

    private static Task<List<Holder>> HoldersAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken) => connection.ListAsync(
        $"""
        SELECT coalesce(nullif(a.application_name, ''), 'a session without a name'), a.pid, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
        FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE {IsHeld}
        ORDER BY a.backend_start
        """,
        [key],
        row => new Holder(row.GetString(0), $"{row.GetString(0)} (database session {row.GetInt32(1)}, connected since {row.GetString(2)} UTC)"),
        cancellationToken);

    private async Task WatchAsync()
    {
        try
        {
            while (true)
                await _connection.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed: the lock is released on purpose.
        }
        catch (Exception error) when (error is NpgsqlException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            await _lost.CancelAsync();
        }
    }

    /// <summary>A session that holds the lock.</summary>
    /// <param name="ApplicationName">Its name, which the process has chosen.</param>
    /// <param name="Description">Who it is, for the operator.</param>
    private sealed record Holder(string ApplicationName, string Description)
    {
        /// <summary>The cluster of its process; null for a process that is alone.</summary>
        public string? Cluster => ApplicationName.IndexOf(OfCluster, StringComparison.Ordinal) is >= 0 and var at ? ApplicationName[(at + OfCluster.Length)..] : null;
    }

    /// <summary>What is held: the key, the schema that it was made for, the process of the server that holds it, and the lane.</summary>
    private sealed record Holding(long Key, string Schema, int Backend, int Lane);
}

/// <summary>Another process holds the database. The message names it.</summary>
/// <param name="message">Who holds it, and since when.</param>
public sealed class DataInUseException(string message) : InvalidOperationException(message);
