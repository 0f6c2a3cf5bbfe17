using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Grainflow.Silo.Hosting;

/// <summary>Says in one line why the database cannot be used, and what the operator can do.</summary>
internal static class DatabaseProblem
{
    /// <summary>The line, or null when the exception does not come from the database or the way to it.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="setting">The setting that names the database; the cure names it.</param>
    public static string? Find(Exception exception, string setting) => (FindCause(exception) ?? exception) switch
    {
        PostgresException refused => $"{OneLine(refused.MessageText)}{Cure(refused.SqlState, setting)}",
        NpgsqlException { InnerException: TimeoutException } => $"it does not answer in time; check host, port and firewall of {setting}",
        NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } } =>
            $"its host name is not known; check the host of {setting}",
        NpgsqlException { InnerException: SocketException unreachable } failed => $"{OneLine(failed.Message)}: {OneLine(unreachable.Message)}; check host and port of {setting}",
        NpgsqlException { InnerException: AuthenticationException untrusted } => $"its TLS connection is not accepted ({OneLine(untrusted.Message)}); check sslmode and certificates of {setting}",
        NpgsqlException { InnerException: { } inner } failed => $"{OneLine(failed.Message)}: {OneLine(inner.Message)}",
        NpgsqlException failed => OneLine(failed.Message),
        SocketException unreachable => $"{OneLine(unreachable.Message)}; check the host of {setting}",
        _ => null,
    };

    /// <summary>The driver's exception, which others wrap when the database fails while the silo starts.</summary>
    private static NpgsqlException? FindCause(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is NpgsqlException driver) return driver;
        return null;
    }

    private static string Cure(string sqlState, string setting) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => $"; check user and password of {setting}, and pg_hba.conf of the server",
        PostgresErrorCodes.InvalidCatalogName => $"; make it first, or name another one in {setting}",
        PostgresErrorCodes.InsufficientPrivilege => $"; the user of {setting} needs the right to create tables",
        PostgresErrorCodes.ReadOnlySqlTransaction => $"; it is a standby or read-only, and {setting} must name the primary",
        PostgresErrorCodes.TooManyConnections => "; raise max_connections of the server, or end other programs that use it",
        PostgresErrorCodes.CannotConnectNow => "; try again in a moment",
        _ => "",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.');
}
