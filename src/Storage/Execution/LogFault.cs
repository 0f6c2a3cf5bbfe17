using System.Net.Sockets;
using Npgsql;

namespace Grainflow.Storage.Execution;

/// <summary>What a failed write means for the commits in it.</summary>
internal enum LogFault
{
    /// <summary>The database refused the data: nothing was written, and sending it again cannot help.</summary>
    Data,

    /// <summary>Nothing was written; the same statement may succeed later.</summary>
    NotWritten,

    /// <summary>The answer got lost: it may have been written.</summary>
    Unknown,
}

/// <summary>Tells faults apart by SQLSTATE (PostgreSQL manual, appendix A).</summary>
internal static class LogFaults
{
    public static LogFault Classify(Exception error) => error switch
    {
        PostgresException refused => Classify(refused.SqlState),
        NpgsqlException or IOException or SocketException or TimeoutException => LogFault.Unknown,
        // The driver could not even encode it.
        _ => LogFault.Data,
    };

    private static LogFault Classify(string state) => state switch
    {
        PostgresErrorCodes.StatementCompletionUnknown => LogFault.Unknown,
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ReadOnlySqlTransaction => LogFault.NotWritten,
        _ => state[..2] switch
        {
            "40" or "53" => LogFault.NotWritten,
            "08" or "57" or "58" => LogFault.Unknown,
            _ => LogFault.Data,
        },
    };
}
