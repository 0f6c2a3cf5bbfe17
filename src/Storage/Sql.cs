using Grainflow.Storage.Telemetry;
using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage;

/// <summary>The few calls that every store makes, with positional parameters.</summary>
internal static class Sql
{
    /// <summary>JSON, or null. An empty text is no JSON: it is what a null array becomes on its way here.</summary>
    public static NpgsqlParameter Json(ReadOnlyMemory<byte>? json) =>
        json is { Length: > 0 } value
            ? new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Json }
            : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json };

    public static NpgsqlParameter JsonArray(IEnumerable<ReadOnlyMemory<byte>?> values) =>
        Array(NpgsqlDbType.Json, values.Select(value => value is { Length: > 0 } json ? json.ToArray() : null).ToArray());

    public static NpgsqlParameter TimeArray(IEnumerable<DateTimeOffset?> values) =>
        Array(NpgsqlDbType.TimestampTz, values.Select(value => value?.ToUniversalTime()).ToArray());

    /// <summary>An array parameter whose element type has to be named, because it is JSON or has nulls.</summary>
    public static NpgsqlParameter Array<T>(NpgsqlDbType type, T[] values) =>
        new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = type | NpgsqlDbType.Array };

    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection,
        string sql,
        object?[] parameters,
        CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        Fill(command, sql, parameters);
        var began = DatabaseMetrics.Begin();
        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            DatabaseMetrics.End(sql, began);
        }
    }

    public static async Task<int> ExecuteAsync(
        this NpgsqlDataSource dataSource,
        string sql,
        object?[] parameters,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(sql, parameters, cancellationToken);
    }

    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlConnection connection,
        string sql,
        object?[] parameters,
        Func<NpgsqlDataReader, T> map,
        CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        Fill(command, sql, parameters);
        var began = DatabaseMetrics.Begin();
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
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

    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlDataSource dataSource,
        string sql,
        object?[] parameters,
        Func<NpgsqlDataReader, T> map,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.ListAsync(sql, parameters, map, cancellationToken);
    }

    public static async Task<T?> FirstAsync<T>(
        this NpgsqlDataSource dataSource,
        string sql,
        object?[] parameters,
        Func<NpgsqlDataReader, T> map,
        CancellationToken cancellationToken)
        where T : class
    {
        var rows = await dataSource.ListAsync(sql, parameters, map, cancellationToken);
        return rows.Count > 0 ? rows[0] : null;
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

    private static void Fill(NpgsqlCommand command, string sql, object?[] parameters)
    {
        // Every statement of the stores is a constant of this assembly.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
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
    }
}
