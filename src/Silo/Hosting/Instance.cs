using System.Diagnostics;
using Grainflow.Storage;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;
using Npgsql;

namespace Grainflow.Silo.Hosting;

/// <summary>The right to use a data folder: one process at a time. Holding it means that every earlier process is dead.</summary>
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

    /// <summary>Cancelled when the right is lost, because the database has gone.</summary>
    public CancellationToken Lost => _lock.Lost;

    /// <summary>Takes the right and brings the database up to date.</summary>
    /// <exception cref="DataInUseException">Another process has it.</exception>
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

    /// <summary>Gives the right back, and stops the private PostgreSQL: whoever holds the right also ends the server.</summary>
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
