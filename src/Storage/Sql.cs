using Grainflow.Storage.Telemetry;
using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage;

/// <summary>Runs statements with positional parameters, and reads the types of columns that the stores have.</summary>
internal static class Sql
{
    /// <summary>JSON, or null. An empty text is no JSON: it is what a null array becomes on its way here.</summary>
    public static NpgsqlParameter Json(ReadOnlyMemory<byte>? json) =>
        json is { Length: > 0 } value
            ? new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Json }
            : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json };

    /// <summary>A time, or null.</summary>
    public static NpgsqlParameter Time(DateTimeOffset? time) => new() { Value = (object?)time?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    /// <summary>An id, or null.</summary>
    public static NpgsqlParameter Uuid(Guid? id) => new() { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid };

    /// <summary>Runs a statement in a session that keeps the settings of its own connection string.</summary>
    public static Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, object?[] parameters, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(settings: null, sql, parameters, cancellationToken);

    /// <summary>Runs a statement in a session that keeps the settings of its own connection string, and reads its rows.</summary>
    public static Task<List<T>> ListAsync<T>(
        this NpgsqlConnection connection, string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken) =>
        connection.ListAsync(settings: null, sql, parameters, map, cancellationToken);

    /// <summary>Runs a statement.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="settings">A statement that is sent ahead, in the same round trip and the same transaction; null for none.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The number of rows that it changed.</returns>
    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection, string? settings, string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        await using var batch = Batch(connection, settings, before: null, sql, parameters);
        var began = DatabaseMetrics.Begin();
        try
        {
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            DatabaseMetrics.End(sql, began);
        }
    }

    /// <summary>Runs a statement and reads its rows; the parameters are those of <see cref="ExecuteAsync(NpgsqlConnection, string?, string, object?[], CancellationToken)"/>.</summary>
    public static Task<List<T>> ListAsync<T>(
        this NpgsqlConnection connection, string? settings, string sql, object?[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken) =>
        connection.ListAsync(settings, before: null, sql, parameters, map, cancellationToken);

    /// <summary>Runs a statement and reads its rows.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="settings">A statement that is sent ahead, in the same round trip and the same transaction; null for none.</param>
    /// <param name="before">Another one behind it, with a row of its own, which takes locks: the statement sees what was committed before they were taken. Null for none.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="map">Reads a row.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlConnection connection,
        string? settings,
        (string Sql, object?[] Parameters)? before,
        string sql,
        object?[] parameters,
        Func<NpgsqlDataReader, T> map,
        CancellationToken cancellationToken)
    {
        await using var batch = Batch(connection, settings, before, sql, parameters);
        var began = DatabaseMetrics.Begin();
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            // What was sent ahead has rows of its own.
            if (settings is not null) await reader.NextResultAsync(cancellationToken);
            if (before is not null) await reader.NextResultAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(map(reader));
            return rows;
        }
        finally
        {
            DatabaseMetrics.End(sql, began);
        }
    }

    public static ReadOnlyMemory<byte> GetJson(this NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static ReadOnlyMemory<byte>? GetBytesOrNull(this NpgsqlDataReader row, int column)
    {
        // Not a conditional expression: its null would be a null array and become empty memory.
        if (row.IsDBNull(column)) return null;
        return row.GetFieldValue<byte[]>(column);
    }

    public static string? GetStringOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static Guid? GetGuidOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    public static DateTimeOffset GetTime(this NpgsqlDataReader row, int column) => row.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? GetTimeOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    /// <summary>
    /// A batch has one Sync at its end and no BEGIN, so the server runs all of it in one transaction, which ends with it: what the first
    /// statement sets for the transaction holds for the second, and for nothing else.
    /// </summary>
    private static NpgsqlBatch Batch(NpgsqlConnection connection, string? settings, (string Sql, object?[] Parameters)? before, string sql, object?[] parameters)
    {
        var batch = connection.CreateBatch();
        if (settings is not null) batch.BatchCommands.Add(new NpgsqlBatchCommand(settings));
        if (before is { } given) batch.BatchCommands.Add(Command(given.Sql, given.Parameters));
        batch.BatchCommands.Add(Command(sql, parameters));
        return batch;
    }

    private static NpgsqlBatchCommand Command(string sql, object?[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter switch
            {
                NpgsqlParameter typed => typed,
                // PostgreSQL keeps UTC only, and Npgsql refuses other offsets.
                DateTimeOffset time => new NpgsqlParameter { Value = time.ToUniversalTime() },
                _ => new NpgsqlParameter { Value = parameter ?? DBNull.Value },
            });
        }

        return command;
    }
}
