using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace Orleans.Storage;

/// <summary>
/// Grain storage in PostgreSQL, through the queries of table OrleansQuery with the parameter and column names of the
/// AdoNet provider of Orleans, so that either can go on with the other's rows.
/// </summary>
internal sealed class AdoNetGrainStorage : IGrainStorage, ISiloParticipant, IAsyncDisposable
{
    private const string Queries = "SELECT QueryKey, QueryText FROM OrleansQuery WHERE QueryKey IN ('WriteToStorageKey', 'ReadFromStorageKey', 'ClearStorageKey')";

    private readonly string _name;
    private readonly string _serviceId;
    private readonly ILogger _logger;
    private readonly IGrainStorageSerializer _serializer;
    private readonly DbDataSource _source;
    private readonly bool _ownsSource;
    private Dictionary<string, string> _queries = [];

    private AdoNetGrainStorage(string name, AdoNetGrainStorageOptions options, string serviceId, ILogger logger)
    {
        Validate(name, options);
        _name = name;
        _serviceId = serviceId;
        _logger = logger;
        _serializer = options.GrainStorageSerializer;
        _ownsSource = options.DataSource is null;
        _source = options.DataSource ?? NpgsqlDataSource.Create(options.ConnectionString!);
    }

    public static AdoNetGrainStorage Create(IServiceProvider services, string name) => new(
        name,
        services.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(name),
        services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId,
        services.GetRequiredService<ILogger<AdoNetGrainStorage>>());

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var queries = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = _source.CreateCommand(Queries);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) queries[reader.GetString(0)] = reader.GetString(1);
        foreach (var key in (string[])["WriteToStorageKey", "ReadFromStorageKey", "ClearStorageKey"])
        {
            if (!queries.ContainsKey(key)) throw new OrleansConfigurationException($"Table OrleansQuery has no row {key}, which grain storage {_name} needs.");
        }

        _queries = queries;
        Log.StorageReady(_logger, _name, _serviceId);
    }

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await using var command = Command("ReadFromStorageKey", stateName, grainId);
        await using var reader = await command.ExecuteReaderAsync();
        T? state = default;
        string? version = null;
        var exists = false;
        if (await reader.ReadAsync())
        {
            var payload = reader["PayloadBinary"] as byte[];
            exists = payload is not null;
            if (payload is not null) state = _serializer.Deserialize<T>(new BinaryData(payload));
            version = Text(reader["Version"]);
        }

        grainState.State = state ?? Activator.CreateInstance<T>();
        grainState.ETag = version;
        grainState.RecordExists = exists;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await using var command = Command("WriteToStorageKey", stateName, grainId);
        Add(command, "GrainStateVersion", DbType.Int32, Version(grainState.ETag));
        Add(command, "PayloadBinary", DbType.Binary, _serializer.Serialize(grainState.State).ToArray());
        grainState.ETag = await NewVersionAsync(command, "WriteState", stateName, grainId, grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!grainState.RecordExists && string.IsNullOrWhiteSpace(grainState.ETag))
        {
            await ReadStateAsync(stateName, grainId, grainState);
            if (!grainState.RecordExists) return;
        }

        await using var command = Command("ClearStorageKey", stateName, grainId);
        Add(command, "GrainStateVersion", DbType.Int32, Version(grainState.ETag));
        grainState.ETag = await NewVersionAsync(command, "ClearState", stateName, grainId, grainState.ETag);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    public async ValueTask DisposeAsync()
    {
        if (_ownsSource) await _source.DisposeAsync();
    }

    private static void Validate(string name, AdoNetGrainStorageOptions options)
    {
        var prefix = $"Invalid {nameof(AdoNetGrainStorageOptions)} values for grain storage \"{name}\".";
        if (!string.Equals(options.Invariant, "Npgsql", StringComparison.Ordinal))
        {
            throw new OrleansConfigurationException($"{prefix} {nameof(options.Invariant)} is \"{options.Invariant}\"; only \"Npgsql\" is supported.");
        }

        if (string.IsNullOrWhiteSpace(options.ConnectionString) == (options.DataSource is null))
        {
            throw new OrleansConfigurationException($"{prefix} Configure exactly one of {nameof(options.ConnectionString)} or {nameof(options.DataSource)}.");
        }

        if (options.GrainStorageSerializer is null)
        {
            throw new OrleansConfigurationException($"{prefix} {nameof(options.GrainStorageSerializer)} is required: there is no default.");
        }
    }

    private static void Add(DbCommand command, string name, DbType type, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    private static int? Version(string? etag) =>
        string.IsNullOrWhiteSpace(etag) ? null : int.Parse(etag, CultureInfo.InvariantCulture);

    private static string? Text(object? version) =>
        version is null or DBNull ? null : Convert.ToString(version, CultureInfo.InvariantCulture);

    /// <summary>Runs a write; no row, or the old version again, means that somebody else was first.</summary>
    private async Task<string> NewVersionAsync(DbCommand command, string operation, string stateName, GrainId grainId, string? etag)
    {
        var version = Text(await command.ExecuteScalarAsync());
        if (version is not null && version != etag) return version;
        throw new InconsistentStateException(
            $"Version conflict ({operation}): ServiceId={_serviceId} ProviderName={_name} GrainType={stateName} GrainId={grainId} ETag={etag}.",
            storedEtag: null,
            currentEtag: etag);
    }

    private DbCommand Command(string query, string stateName, GrainId grainId)
    {
        var key = AdoNetGrainKey.Of(grainId);
        var command = _source.CreateCommand(_queries[query]);
        Add(command, "GrainIdHash", DbType.Int32, key.Hash);
        Add(command, "GrainIdN0", DbType.Int64, key.N0);
        Add(command, "GrainIdN1", DbType.Int64, key.N1);
        Add(command, "GrainTypeHash", DbType.Int32, unchecked((int)StableHash.Compute(Encoding.UTF8.GetBytes(stateName))));
        Add(command, "GrainTypeString", DbType.String, stateName);
        Add(command, "GrainIdExtensionString", DbType.String, key.Extension);
        Add(command, "ServiceId", DbType.String, _serviceId);
        return command;
    }
}
