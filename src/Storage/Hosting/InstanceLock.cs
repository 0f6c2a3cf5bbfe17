using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Grainflow.Storage.Hosting;

/// <summary>
/// The right to be the only instance of a name on a database: an advisory lock of a session. It has no time limit; it ends when it is
/// disposed, when the process dies, or when the connection breaks.
/// </summary>
public sealed class InstanceLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;

    private InstanceLock(NpgsqlConnection connection)
    {
        _connection = connection;
        Lost = _lost.Token;
        _watch = WatchAsync();
    }

    /// <summary>Cancelled when the connection that holds the lock broke: another instance may have started.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Takes the lock. A holder that is just going, because its process was killed a moment ago, has a second to be gone.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="instanceName">What there may be only one of.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <exception cref="DataInUseException">Somebody else has it.</exception>
    public static Task<InstanceLock> AcquireAsync(NpgsqlDataSource dataSource, string instanceName, CancellationToken cancellationToken) =>
        AcquireAsync(dataSource, instanceName, TimeSpan.FromSeconds(1), cancellationToken);

    /// <summary>Takes the lock.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="instanceName">What there may be only one of.</param>
    /// <param name="patience">How long to wait for the holder to go; zero to know at once.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <exception cref="DataInUseException">Somebody else has it.</exception>
    public static async Task<InstanceLock> AcquireAsync(
        NpgsqlDataSource dataSource,
        string instanceName,
        TimeSpan patience,
        CancellationToken cancellationToken)
    {
        var key = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes("grainflow:instance:" + instanceName)));
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        InstanceLock? taken = null;
        try
        {
            // A lock_timeout of 0 would mean for ever.
            await connection.ExecuteAsync(
                "SELECT set_config('application_name', $1, false), set_config('lock_timeout', $2, false)",
                [$"grainflow {Environment.ProcessId}", $"{Math.Max(1, (long)patience.TotalMilliseconds)}ms"],
                cancellationToken);
            await connection.ExecuteAsync("SELECT pg_advisory_lock($1)", [key], cancellationToken);
            taken = new InstanceLock(connection);
            return taken;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new DataInUseException(
                $"'{instanceName}' runs on this database already: {await HolderAsync(connection, key, cancellationToken)}.");
        }
        finally
        {
            if (taken is null) await connection.DisposeAsync();
        }
    }

    /// <summary>Gives the lock back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _watch;
        // The pool resets a session only when it lends it again, which may be never. A lost lock is gone with its session.
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

    private static async Task<string> HolderAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        // A lock on a 64-bit key is shown as its two halves, with objsubid 1.
        var holders = await connection.ListAsync(
            """
            SELECT coalesce(nullif(a.application_name, ''), 'a session without a name'), a.pid, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
            """,
            [key],
            row => $"{row.GetString(0)} (database session {row.GetInt32(1)}, connected since {row.GetString(2)} UTC)",
            cancellationToken);
        return holders.Count > 0 ? holders[0] : "the holder has gone in this moment; try again";
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
                await _connection.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed: the lock is given back on purpose.
        }
        catch (Exception error) when (error is NpgsqlException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            await _lost.CancelAsync();
        }
    }
}

/// <summary>Another process holds the database. The message names it.</summary>
/// <param name="message">Who holds it, and since when.</param>
public sealed class DataInUseException(string message) : InvalidOperationException(message);
