using System.Text;
using Npgsql;

namespace Grainflow.Storage.Execution;

/// <summary>What a failed write means for the commits in it.</summary>
internal enum LogFault
{
    /// <summary>The database, or the driver before it, refused the data: nothing was written, and sending it again cannot help.</summary>
    Data,

    /// <summary>The database refused the statement for a reason that is not in the data: nothing was written, and the same statement may succeed later.</summary>
    NotWritten,

    /// <summary>It is not known whether the statement took effect.</summary>
    Unknown,
}

/// <summary>Classifies the exceptions of a write by SQLSTATE (PostgreSQL manual, appendix A) and by the driver's exception types.</summary>
/// <remarks>
/// Only the listed errors count as bad data. An operational error that is taken for bad data rejects commits of healthy runs for good;
/// bad data that is taken for an operational error only makes the writer try again.
/// </remarks>
internal static class LogFaults
{
    /// <summary>Classifies an exception that a write threw.</summary>
    public static LogFault Classify(Exception error) => error switch
    {
        PostgresException refused => Classify(refused.SqlState),
        // The driver encodes all parameters before it sends anything. These are what its converters throw for a value that has no wire form:
        // text without a UTF-8 form, a value of another type than the parameter's, a value outside the range of the parameter's type.
        EncoderFallbackException or ArgumentException or InvalidCastException or OverflowException => LogFault.Data,
        _ => LogFault.Unknown,
    };

    private static LogFault Classify(string state) => state switch
    {
        PostgresErrorCodes.StatementCompletionUnknown => LogFault.Unknown,
        _ => (state.Length < 2 ? state : state[..2]) switch
        {
            // Cardinality violation, data exception, integrity constraint violation, program limit exceeded.
            "21" or "22" or "23" or "54" => LogFault.Data,
            // The server may have been at the commit: connection exception, operator intervention except for a cancelled query, system error,
            // configuration file error, internal error.
            "57" when state == PostgresErrorCodes.QueryCanceled => LogFault.NotWritten,
            "08" or "57" or "58" or "F0" or "XX" => LogFault.Unknown,
            // Every other error ends a statement that is its own transaction, so the transaction was rolled back.
            _ => LogFault.NotWritten,
        },
    };
}
