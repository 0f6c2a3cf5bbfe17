using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Grainflow.Storage;

/// <summary>Where the database is, as people write it.</summary>
public static class ConnectionStrings
{
    /// <summary>A data source that leads to PostgreSQL itself, as the stores want it: named sessions, prepared statements, dead connections noticed.</summary>
    /// <param name="connectionString">In Npgsql's form or as a <c>postgres://</c> URL. What it sets itself is kept.</param>
    /// <param name="loggerFactory">For Npgsql's log, or null.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static NpgsqlDataSource CreateDataSource(string connectionString, ILoggerFactory? loggerFactory = null) =>
        CreateDataSource(connectionString, isPooled: false, loggerFactory);

    /// <inheritdoc cref="CreateDataSource(string, ILoggerFactory?)" path="/summary"/>
    /// <param name="connectionString">In Npgsql's form or as a <c>postgres://</c> URL. What it sets itself is kept.</param>
    /// <param name="isPooled">
    /// True when a pooler is in between that may give each transaction another session of the server. Statements are not prepared then, and the session
    /// gets no schema: a statement prepared in one session is unknown in the next, and a pooler refuses or drops the parameters of a start that it does not know.
    /// </param>
    /// <param name="loggerFactory">For Npgsql's log, or null.</param>
    internal static NpgsqlDataSource CreateDataSource(string connectionString, bool isPooled, ILoggerFactory? loggerFactory)
    {
        var settings = new NpgsqlConnectionStringBuilder(FromUrl(connectionString));
        settings.ApplicationName ??= $"grainflow {Environment.ProcessId}";
        // ContainsKey asks whether a setting exists at all; Keys holds those that were given.
        var given = settings.Keys;
        // Each session is a process of the database's server. A burst of work would open a hundred of them, which is all that a server
        // admits by default; beyond these some of it waits here for its turn.
        if (!given.Contains("Maximum Pool Size")) settings.MaxPoolSize = 32;
        if (!given.Contains("Max Auto Prepare")) settings.MaxAutoPrepare = isPooled ? 0 : 100;
        if (!given.Contains("Auto Prepare Min Usages")) settings.AutoPrepareMinUsages = 2;
        if (!given.Contains("Keepalive")) settings.KeepAlive = 30;
        // The stores leave nothing behind in a session, and resetting it costs as much as a small query.
        if (!given.Contains("No Reset On Close")) settings.NoResetOnClose = true;
        if (isPooled) settings.SearchPath = null;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(loggerFactory).Build();
    }

    /// <summary>Turns <c>postgres://user:password@host:port/database?setting=value</c> into Npgsql's form, and leaves that form as it is.</summary>
    /// <param name="text">Either form.</param>
    /// <exception cref="ArgumentException">It looks like a URL and is not a valid one.</exception>
    public static string FromUrl(string text)
    {
        if (!text.StartsWith("postgres://", StringComparison.Ordinal) && !text.StartsWith("postgresql://", StringComparison.Ordinal)) return text;
        // libpq lets the host be absent behind a user, because ?host= names a socket folder; Uri does not.
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = text.AsSpan(start).IndexOfAny('/', '?') is var length and >= 0 ? start + length : text.Length;
        var complete = text[end - 1] == '@' ? text.Insert(end, "localhost") : text;
        if (!Uri.TryCreate(complete, UriKind.Absolute, out var url)) throw new ArgumentException("It is not a valid postgres:// URL.", nameof(text));

        var settings = new NpgsqlConnectionStringBuilder();
        if (url.Host.Length > 0) settings.Host = Uri.UnescapeDataString(url.DnsSafeHost);
        if (url.Port > 0) settings.Port = url.Port;
        if (url.AbsolutePath.Length > 1) settings.Database = Uri.UnescapeDataString(url.AbsolutePath[1..]);
        var user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0) settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) settings.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var name = Uri.UnescapeDataString(parts[0]);
            var value = parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "";
            // Prisma's settings. Whether there is a pooler is detected (Database).
            if (name == "pgbouncer") continue;
            if (name == "schema") value = DatabaseSchema.Quote(value);
            settings[NpgsqlName(name)] = name == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return settings.ConnectionString;
    }

    /// <summary>Gives two addresses of one database the same schema: the one that either of them names.</summary>
    /// <param name="databaseUrl">The address for statements, in Npgsql's form or as a URL.</param>
    /// <param name="directUrl">The address for sessions, or null where it is the same.</param>
    /// <exception cref="ArgumentException">They name different schemas, or one of them is no address.</exception>
    public static (string Database, string? Direct) WithOneSchema(string databaseUrl, string? directUrl)
    {
        if (directUrl is null) return (databaseUrl, null);
        var database = new NpgsqlConnectionStringBuilder(FromUrl(databaseUrl));
        var direct = new NpgsqlConnectionStringBuilder(FromUrl(directUrl));
        var schema = database.SearchPath ?? direct.SearchPath;
        if ((direct.SearchPath ?? schema) != schema)
            throw new ArgumentException($"They name different schemas, {database.SearchPath} and {direct.SearchPath}; all tables are in one.", nameof(directUrl));
        if (schema is null) return (databaseUrl, directUrl);
        database.SearchPath = direct.SearchPath = schema;
        return (database.ConnectionString, direct.ConnectionString);
    }

    /// <summary>Npgsql's name of a setting of libpq, whose names such URLs use.</summary>
    private static string NpgsqlName(string name) => name switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "sslcert" => "SSL Certificate",
        "sslkey" => "SSL Key",
        "sslpassword" => "SSL Password",
        "application_name" => "Application Name",
        "schema" => "Search Path",
        "client_encoding" => "Client Encoding",
        "connect_timeout" => "Timeout",
        "target_session_attrs" => "Target Session Attributes",
        "user" => "Username",
        "dbname" => "Database",
        _ => name,
    };
}
