using System.Text;
using Npgsql;

namespace Grainflow.Storage.Hosting;

/// <summary>The schema that an address asks for cannot be used. The message says why and what to do.</summary>
/// <param name="message">The reason and the cure.</param>
/// <param name="innerException">What the database said, or null.</param>
public sealed class SchemaException(string message, Exception? innerException = null) : InvalidOperationException(message, innerException);

/// <summary>The schema of all tables, <c>?schema=NAME</c> in an address. Several servers may share a database, each in a schema of its own.</summary>
public static class DatabaseSchema
{
    /// <summary>Bytes of a name that PostgreSQL tells apart; it cuts longer ones.</summary>
    private const int MaxBytes = 63;

    // Any number that no other program uses; "graischm" in ASCII. CREATE SCHEMA IF NOT EXISTS fails when two sessions do it at once.
    private const long LockKey = 0x677261697363686D;

    /// <summary>Makes the schema that a data source asks for unless it is there, and checks that sessions are in it.</summary>
    /// <param name="dataSource">Leads to PostgreSQL itself. Nothing is made when it asks for no schema.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <exception cref="PoolerException">A pooler in between does not pass the schema on.</exception>
    /// <exception cref="SchemaException">The schema is not there and cannot be made.</exception>
    public static async Task EnsureAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        if (new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).SearchPath is not { } searchPath) return;
        var name = Unquote(searchPath);
        await using var connection = await OpenAsync(dataSource, cancellationToken);
        if (await CurrentAsync(connection, cancellationToken) is null) await CreateAsync(connection, name, cancellationToken);
        var current = await CurrentAsync(connection, cancellationToken) ?? throw new SchemaException($"This user may not use the schema '{name}': GRANT USAGE, CREATE ON SCHEMA {Quote(name)} to it.");
        if (current != name) throw new PoolerException($"The session is in schema '{current}' although '{name}' was asked for.");
    }

    /// <summary>A name as it stands in <c>search_path</c>.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">PostgreSQL has no schema of that name.</exception>
    internal static string Quote(string name)
    {
        // "$user" stands for the name of the user in search_path, even in quotes.
        if (name.Length == 0 || name == "$user" || name.Any(char.IsControl) || Encoding.UTF8.GetByteCount(name) > MaxBytes)
            throw new ArgumentException($"The schema '{new string([.. name.Where(letter => !char.IsControl(letter))])}' is no name of 1 to {MaxBytes} bytes.", nameof(name));
        if (name.StartsWith("pg_", StringComparison.Ordinal) || name == "information_schema")
            throw new ArgumentException($"The schema '{name}' belongs to PostgreSQL.", nameof(name));
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Unquote(string searchPath)
    {
        if (searchPath is ['"', .. var quoted, '"'] && !quoted.Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal))
            return quoted.Replace("\"\"", "\"", StringComparison.Ordinal);
        // Unquoted names are folded to lower case.
        if (searchPath.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')) return searchPath.ToLowerInvariant();
        throw new SchemaException($"Search Path is '{searchPath}'; it must be the name of one schema.");
    }

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        try
        {
            return await dataSource.OpenConnectionAsync(cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ProtocolViolation)
        {
            throw new PoolerException($"The session was refused for its schema: {error.MessageText}.", error);
        }
    }

    private static async Task CreateAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(
                settings: $"SELECT pg_advisory_xact_lock({LockKey})",
                $"CREATE SCHEMA IF NOT EXISTS {Quote(name)}",
                [],
                cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SchemaException(
                $"The schema '{name}' does not exist, and this user may neither make it nor use one of that name. Run CREATE SCHEMA {Quote(name)} AUTHORIZATION the user of this address.",
                error);
        }
    }

    private static async Task<string?> CurrentAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.ListAsync("SELECT current_schema()::text", [], row => row.GetStringOrNull(0), cancellationToken))[0];
}
