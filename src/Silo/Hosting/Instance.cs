using System.Diagnostics;
using Grainflow.Storage;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;
using Npgsql;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// The instance lock of a server with its database. A server that is alone holds it as the only process, so it knows that every earlier one is dead. The
/// processes of a cluster share it, which keeps servers that are alone, and other clusters, off their database.
/// </summary>
internal sealed class Instance : IAsyncDisposable
{
    /// <summary>The major version of PostgreSQL that the migrations need.</summary>
    private const int OldestServer = 14;

    private const string Name = "grainflow";

    /// <summary>How often a process of a cluster tries to have the lock again when its connection was lost.</summary>
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _dataSource;
    private readonly PrivateDatabase? _privateDatabase;
    private readonly string? _cluster;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watch;
    private InstanceLock _lock;
    private DataInUseException? _refusal;

    private Instance(NpgsqlDataSource dataSource, InstanceLock held, PrivateDatabase? privateDatabase, string? cluster)
    {
        _dataSource = dataSource;
        _lock = held;
        _privateDatabase = privateDatabase;
        _cluster = cluster;
        Lost = _lost.Token;
        Lane.Take(held);
        _watch = WatchAsync();
    }

    /// <summary>
    /// Cancelled when the lock is lost: in a server that is alone with its database connection, in a process of a cluster when somebody else has taken it
    /// before the connection was there again.
    /// </summary>
    public CancellationToken Lost { get; }

    /// <summary>The lane of this process among those of its cluster. Another one after the connection was lost, if somebody has taken it meanwhile.</summary>
    public WriterLane Lane { get; } = new();

    /// <summary>Throws the reason why the lock is lost, if it is.</summary>
    /// <exception cref="DataInUseException">Somebody else has taken it.</exception>
    /// <exception cref="OperationCanceledException">The connection that held it was lost.</exception>
    public void ThrowIfLost()
    {
        if (Volatile.Read(ref _refusal) is { } refusal) throw refusal;
        Lost.ThrowIfCancellationRequested();
    }

    /// <summary>Acquires the lock and applies the migrations of the database.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <param name="migrate">False for a command that uses the database only to find a server, and must not change the schema under it.</param>
    /// <exception cref="DataInUseException">Another process holds the lock.</exception>
    /// <exception cref="SettingsException">
    /// The server is too old or read-only, the addresses lead to a pooler or to two databases, or their schema cannot be used.
    /// </exception>
    public static async Task<Instance> AcquireAsync(Settings settings, CancellationToken cancellationToken, bool migrate = true)
    {
        var name = settings.DirectUrl is null ? "DATABASE_URL" : "DIRECT_URL";
        var instance = await LockAsync(name, settings.DirectUrl ?? settings.DatabaseUrl, settings.PrivateDatabase, settings.Cluster?.Name, cancellationToken);
        try
        {
            await RequireOneDatabaseAsync(settings, instance._lock, cancellationToken);
            if (migrate) await Migrator.MigrateAsync(instance._dataSource, cancellationToken);
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the private PostgreSQL that <c>./run</c> has started for a command that is refused, unless another process uses it.</summary>
    /// <param name="variable">Looks up environment variables.</param>
    public static async Task StopPrivateDatabaseAsync(Func<string, string?> variable)
    {
        if (PrivateDatabase.Find(variable) is not { } database || variable("DATABASE_URL") is not { } url) return;
        try
        {
            await using var instance = await LockAsync("DATABASE_URL", url, database, cluster: null, CancellationToken.None);
        }
        catch (Exception exception) when (exception is DataInUseException or NpgsqlException)
        {
            // The process that holds the lock stops the server when it ends; a server that cannot be asked may have such a process.
        }
    }

    /// <summary>Releases the lock, and stops the private PostgreSQL if there is one and no other process uses it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watch;
        await _lock.DisposeAsync();
        if (_privateDatabase is { } database && await IsLastAsync()) await StopAsync(database);
        await _dataSource.DisposeAsync();
        _ended.Dispose();
        _lost.Dispose();
    }

    /// <summary>Whether no other process of the cluster uses the database any more. A server that is alone is always the last.</summary>
    private async Task<bool> IsLastAsync()
    {
        if (_cluster is null) return true;
        try
        {
            await (await InstanceLock.AcquireAsync(_dataSource, Name, TimeSpan.Zero, CancellationToken.None)).DisposeAsync();
            return true;
        }
        catch (Exception exception) when (exception is DataInUseException or NpgsqlException)
        {
            return false;
        }
    }

    private static async Task StopAsync(PrivateDatabase database)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(database.Script);
        start.ArgumentList.Add("stop");
        start.ArgumentList.Add(database.Folder);
        using var stop = Process.Start(start);
        if (stop is not null) await stop.WaitForExitAsync();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                using (var waiting = CancellationTokenSource.CreateLinkedTokenSource(_lock.Lost, _ended.Token))
                    await Task.Delay(Timeout.InfiniteTimeSpan, waiting.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                if (_ended.IsCancellationRequested) return;
                if (_cluster is null || !await AcquireAgainAsync(_cluster)) break;
            }

            await _lost.CancelAsync();
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Disposed while the database was away.
        }
    }

    /// <summary>
    /// Shares the lock again after its connection was lost, as when PostgreSQL was restarted. What is written meanwhile is guarded by the epochs of the runs.
    /// </summary>
    /// <returns>False when somebody else has taken it.</returns>
    private async Task<bool> AcquireAgainAsync(string cluster)
    {
        await _lock.DisposeAsync();
        while (true)
        {
            try
            {
                _lock = await InstanceLock.AcquireAsync(_dataSource, Name, cluster, RetryEvery, _ended.Token);
                Lane.Take(_lock);
                return true;
            }
            catch (DataInUseException refusal)
            {
                Volatile.Write(ref _refusal, refusal);
                return false;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The database is away, or is still starting.
                await Task.Delay(RetryEvery, _ended.Token);
            }
        }
    }

    private static async Task<Instance> LockAsync(string name, string url, PrivateDatabase? privateDatabase, string? cluster, CancellationToken cancellationToken)
    {
        var dataSource = ConnectionStrings.CreateDataSource(url);
        try
        {
            await RequireServerAsync(name, dataSource, cancellationToken);
            await DatabaseSchema.EnsureAsync(dataSource, cancellationToken);
            var held = await InstanceLock.AcquireAsync(dataSource, Name, cluster, TimeSpan.FromSeconds(1), cancellationToken);
            return new Instance(dataSource, held, privateDatabase, cluster);
        }
        catch (Exception exception)
        {
            await dataSource.DisposeAsync();
            if (exception is PoolerException) throw Refusal(name, exception);
            if (exception is SchemaException) throw new SettingsException(exception.Message);
            throw;
        }
    }

    private static async Task RequireServerAsync(string name, NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new SettingsException($"{name} names PostgreSQL {connection.PostgreSqlVersion}; {OldestServer} or newer is needed.");
        await using var command = new NpgsqlCommand("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
            throw new SettingsException($"{name} names a PostgreSQL server that is a standby or read-only; it must name the primary.");
    }

    private static SettingsException Refusal(string name, Exception pooler) => new(
        $"{name} leads to a connection pooler that shares sessions, such as pgbouncer in transaction mode. "
        + "The lock of a server and the migrations need a session of their own. "
        + $"Set DIRECT_URL to the address of PostgreSQL itself; DATABASE_URL may be the pooler's. ({pooler.Message})");

    /// <summary>Refuses two addresses of different databases: the lock would be held in one of them and the runs be written in the other.</summary>
    private static async Task RequireOneDatabaseAsync(Settings settings, InstanceLock held, CancellationToken cancellationToken)
    {
        if (settings.DirectUrl is null) return;
        await using var database = new Database(settings.DatabaseUrl, loggerFactory: null);
        if (!await held.IsSeenThroughAsync(database, cancellationToken))
            throw new SettingsException("DATABASE_URL and DIRECT_URL lead to different databases: the lock that was acquired through DIRECT_URL is not seen through DATABASE_URL.");
    }
}
