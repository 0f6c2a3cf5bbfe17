using System.Diagnostics;
using Grainflow.Storage;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;
using Npgsql;

namespace Grainflow.Silo.Hosting;

/// <summary>The instance lock of a server with its database. One process at a time holds it, so the holder knows that every earlier process is dead.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private readonly Settings _settings;
    private readonly NpgsqlDataSource _dataSource;
    private readonly InstanceLock _lock;

    private Instance(Settings settings, NpgsqlDataSource dataSource, InstanceLock held)
    {
        _settings = settings;
        _dataSource = dataSource;
        _lock = held;
    }

    /// <summary>Cancelled when the lock is lost because its database connection has ended.</summary>
    public CancellationToken Lost => _lock.Lost;

    /// <summary>Acquires the lock and applies the migrations of the database.</summary>
    /// <exception cref="DataInUseException">Another process holds the lock.</exception>
    public static async Task<Instance> AcquireAsync(Settings settings, CancellationToken cancellationToken)
    {
        var dataSource = ConnectionStrings.CreateDataSource(settings.DatabaseUrl, null);
        try
        {
            var held = await InstanceLock.AcquireAsync(dataSource, "grainflow", cancellationToken);
            var instance = new Instance(settings, dataSource, held);
            await Migrator.MigrateAsync(dataSource, cancellationToken);
            return instance;
        }
        catch
        {
            await dataSource.DisposeAsync();
            throw;
        }
    }

    /// <summary>Releases the lock, and stops the private PostgreSQL if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lock.DisposeAsync();
        await _dataSource.DisposeAsync();
        if (_settings is not { PostgresData: { } data, PostgresScript: { } script }) return;

        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(script);
        start.ArgumentList.Add("stop");
        start.ArgumentList.Add(data);
        using var stop = Process.Start(start);
        if (stop is not null) await stop.WaitForExitAsync();
    }
}
