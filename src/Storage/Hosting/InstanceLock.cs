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

    /// <summary>Takes the lock.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="instanceName">What there may be only one of.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <exception cref="DataInUseException">Somebody else has it.</exception>
    public static async Task<InstanceLock> AcquireAsync(NpgsqlDataSource dataSource, string instanceName, CancellationToken cancellationToken)
    {
        var key = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes("grainflow:instance:" + instanceName)));
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync(
                "SELECT set_config('application_name', $1, false)",
                [$"grainflow {Environment.ProcessId}"],
                cancellationToken);
            var taken = await connection.ListAsync("SELECT pg_try_advisory_lock($1)", [key], row => row.GetBoolean(0), cancellationToken);
            if (taken[0])
                return new InstanceLock(connection);

            throw new DataInUseException($"'{instanceName}' runs on this database already: {await HolderAsync(connection, key, cancellationToken)}.");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the lock back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _watch;
        // The pool resets a session only when it lends it again, which may be never. A lost lock is gone with its session.
        if (!Lost.IsCancellationRequested)
            await _connection.ExecuteAsync("SELECT pg_advisory_unlock_all()", [], CancellationToken.None);
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
