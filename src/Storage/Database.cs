using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Grainflow.Storage;

/// <summary>How PostgreSQL plans a statement of a store.</summary>
internal enum Plan
{
    /// <summary>By the sizes that the tables have when it is planned. For statements that are rare, and for small tables.</summary>
    BySize,

    /// <summary>
    /// Through indexes, with one plan for all parameters. For statements of each step or run on tables that grow with the runs. A prepared
    /// statement keeps its plan until PostgreSQL analyzes the table again, perhaps minutes later. A plan that reads the whole of a table of ten rows
    /// would still be used when the table has a million. Planning the statement that commits a batch for each batch anew costs more than running it.
    /// </summary>
    ByIndex,
}

/// <summary>
/// The database as the stores use it. A statement keeps nothing in the session that it runs in: planner settings that its session does not have from its
/// start, and behind a pooler the schema, are set for its transaction alone, by a statement that is sent together with it. So the database may be
/// behind a pooler that gives each transaction another session (ADR 0022).
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private readonly string? _connectionString;
    private readonly ILoggerFactory? _loggerFactory;
    private readonly SemaphoreSlim _finding = new(1);
    private Access? _access;

    /// <summary>The database of a data source that leads to PostgreSQL itself. The caller disposes the data source.</summary>
    /// <param name="dataSource">From <see cref="ConnectionStrings.CreateDataSource(string, ILoggerFactory?)"/>.</param>
    public Database(NpgsqlDataSource dataSource) => _access = new Access(dataSource, Plan.BySize, null);

    /// <summary>The database behind an address. Whether a pooler is in between is detected when it is first used.</summary>
    /// <param name="connectionString">In Npgsql's form or as a <c>postgres://</c> URL.</param>
    /// <param name="loggerFactory">For Npgsql's log, or null.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public Database(string connectionString, ILoggerFactory? loggerFactory)
    {
        _connectionString = ConnectionStrings.FromUrl(connectionString);
        _loggerFactory = loggerFactory;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _finding.Dispose();
        if (_connectionString is not null && _access is { } access) await access.Source.DisposeAsync();
    }

    /// <summary>Opens a session for several statements. Nothing may be left in it between transactions.</summary>
    internal async ValueTask<DatabaseSession> OpenAsync(CancellationToken cancellationToken)
    {
        var access = _access ?? await FindAccessAsync(_connectionString!, cancellationToken);
        return new DatabaseSession(await access.Source.OpenConnectionAsync(cancellationToken), access);
    }

    internal Task<List<T>> ListAsync<T>(string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken) =>
        ListAsync(Plan.BySize, sql, parameters, map, cancellationToken);

    internal async Task<List<T>> ListAsync<T>(
        Plan plan, string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(cancellationToken);
        return await session.ListAsync(plan, sql, parameters, map, cancellationToken);
    }

    internal Task<T?> FirstAsync<T>(string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
        where T : class =>
        FirstAsync(Plan.BySize, sql, parameters, map, cancellationToken);

    internal async Task<T?> FirstAsync<T>(
        Plan plan, string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
        where T : class
    {
        var rows = await ListAsync(plan, sql, parameters, map, cancellationToken);
        return rows.Count > 0 ? rows[0] : null;
    }

    internal Task<int> ExecuteAsync(string sql, object?[] parameters, CancellationToken cancellationToken) =>
        ExecuteAsync(Plan.BySize, sql, parameters, cancellationToken);

    internal async Task<int> ExecuteAsync(Plan plan, string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(cancellationToken);
        return await session.ExecuteAsync(plan, sql, parameters, cancellationToken);
    }

    private async Task<Access> FindAccessAsync(string connectionString, CancellationToken cancellationToken)
    {
        await _finding.WaitAsync(cancellationToken);
        try
        {
            if (_access is { } found) return found;
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            var isPooled = await Pooler.IsBetweenAsync(settings, cancellationToken);
            // Most statements of a loaded server are planned by index. Where a session belongs to this process it starts with their settings, and only
            // the others set theirs: a statement sent ahead costs each of them a twentieth of a millisecond of processor time.
            return _access = isPooled
                ? new Access(ConnectionStrings.CreateDataSource(connectionString, isPooled, _loggerFactory), Plan.BySize, settings.SearchPath)
                : new Access(ConnectionStrings.CreateDataSource(Access.StartByIndex(connectionString), isPooled, _loggerFactory), Plan.ByIndex, null);
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>How the database is reached, and what is sent ahead of each statement.</summary>
    /// <param name="source">Its sessions.</param>
    /// <param name="ofSessions">How a session plans from its start.</param>
    /// <param name="searchPath">The schemas that each transaction has to set; null where the session has them from its start.</param>
    internal sealed class Access(NpgsqlDataSource source, Plan ofSessions, string? searchPath)
    {
        private readonly string? _bySize = Ahead(ofSessions, Plan.BySize, searchPath);
        private readonly string? _byIndex = Ahead(ofSessions, Plan.ByIndex, searchPath);

        public NpgsqlDataSource Source => source;

        /// <summary>Gives the sessions of a connection string the settings of <see cref="Plan.ByIndex"/> from their start, after the options that it has.</summary>
        public static string StartByIndex(string connectionString)
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            var options = Switches(Plan.ByIndex).Select(set => $"-c {set.Name}={set.Value}");
            settings.Options = string.Join(' ', settings.Options is { Length: > 0 } given ? options.Prepend(given) : options);
            return settings.ConnectionString;
        }

        /// <summary>The statement that is sent ahead, in the same transaction and the same round trip; null for none.</summary>
        public string? Settings(Plan plan) => plan == Plan.ByIndex ? _byIndex : _bySize;

        private static (string Name, string Value)[] Switches(Plan plan) => plan == Plan.ByIndex
            ? [("enable_seqscan", "off"), ("plan_cache_mode", "force_generic_plan")]
            : [("enable_seqscan", "on"), ("plan_cache_mode", "auto")];

        private static string? Ahead(Plan ofSessions, Plan plan, string? searchPath)
        {
            // Only the last argument tells these from a setting of the session: true means until the transaction ends.
            var calls = plan == ofSessions ? [] : Switches(plan).Select(set => $"set_config('{set.Name}', '{set.Value}', true)");
            if (searchPath is not null) calls = calls.Prepend(Schema(searchPath));
            return calls.Any() ? $"SELECT {string.Join(", ", calls)}" : null;
        }

        private static string Schema(string searchPath) => $"set_config('search_path', '{searchPath.Replace("'", "''", StringComparison.Ordinal)}', true)";
    }
}

/// <summary>A session with the database for a few statements.</summary>
internal sealed class DatabaseSession(NpgsqlConnection connection, Database.Access access) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    public ValueTask<NpgsqlTransaction> BeginTransactionAsync(CancellationToken cancellationToken) => connection.BeginTransactionAsync(cancellationToken);

    public Task<List<T>> ListAsync<T>(Plan plan, string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken) =>
        connection.ListAsync(access.Settings(plan), sql, parameters, map, cancellationToken);

    /// <summary>Runs a statement that takes locks, and in the same transaction one that sees what was committed before they were taken.</summary>
    public Task<List<T>> ListAsync<T>(
        Plan plan, (string Sql, object?[] Parameters)? before, string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken) =>
        connection.ListAsync(access.Settings(plan), before, sql, parameters, map, cancellationToken);

    public Task<int> ExecuteAsync(Plan plan, string sql, object?[] parameters, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(access.Settings(plan), sql, parameters, cancellationToken);
}
