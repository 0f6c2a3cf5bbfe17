using Grainflow.Storage.Execution;
using Npgsql;

namespace Grainflow.Storage;

/// <summary>Distinguishes errors in the data of a write from errors of the database.</summary>
public static class StorageFaults
{
    /// <summary>Connection exceptions, too many connections, and shutdown, crash and start of the server.</summary>
    private static readonly string[] s_away = ["08", "53300", "57P01", "57P02", "57P03"];

    /// <summary>
    /// True when the database, or the driver before it, refused the data of a write: nothing was written, and the same write can never succeed.
    /// False for every other error, after which the write may or may not have taken effect.
    /// </summary>
    /// <param name="error">What a store threw.</param>
    public static bool IsBadData(Exception error) => LogFaults.Classify(error) == LogFault.Data;

    /// <summary>
    /// True when the database cannot be reached or has ended the session, as in a restart of PostgreSQL. Whether a write took effect is not known; a later session may succeed.
    /// </summary>
    /// <param name="error">What a store threw.</param>
    public static bool IsAway(Exception error) => error is NpgsqlException && IsAway(error.GetType().FullName!, error.Message);

    /// <summary>As <see cref="IsAway(Exception)"/>, for an error of which another process has told only type and message.</summary>
    /// <param name="type">The full name of the type.</param>
    /// <param name="message">The message; that of an error of the server begins with its SQLSTATE.</param>
    public static bool IsAway(string type, string message) =>
        // The driver's own errors are those of its connections and of its pool.
        type == typeof(NpgsqlException).FullName
        || (type == typeof(PostgresException).FullName && s_away.Any(state => message.StartsWith(state, StringComparison.Ordinal)));
}
