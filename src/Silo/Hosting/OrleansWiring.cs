using System.Net;
using Grainflow.Grains;
using Grainflow.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// Configures Orleans; no other class names its providers (DESIGN section 3). The server, the command line and the tests share
/// <see cref="AddStateAndReminders"/> and differ only in membership and endpoints.
/// </summary>
internal static class OrleansWiring
{
    /// <summary>
    /// The service that stored grain state belongs to; it is part of the key of every row in <c>OrleansStorage</c>, so another value would
    /// hide all state that was written before.
    /// </summary>
    public const string ServiceId = "default";

    /// <summary>The cluster of a silo that is alone. Its membership is in memory, so nothing stored depends on this value.</summary>
    public const string ClusterId = "alone";

    /// <summary>The ADO.NET invariant of PostgreSQL.</summary>
    private const string Npgsql = "Npgsql";

    /// <summary>
    /// The most database connections that the providers of grain state and reminders may open together, in addition to those of the stores
    /// (<see cref="ConnectionStrings"/>). Both use the same connection string, so Npgsql gives them one pool.
    /// </summary>
    private const int ProviderSessions = 8;

    /// <summary>Adds a silo that is alone: membership in memory, one endpoint on loopback for Orleans itself, and no gateway port.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="databaseUrl">The database, as a URL or in Npgsql's form.</param>
    /// <param name="siloPort">A free port on loopback (<see cref="SiloPorts"/>).</param>
    /// <param name="directUrl">The database without a pooler in between, or null where <paramref name="databaseUrl"/> serves.</param>
    public static void AddSilo(IHostApplicationBuilder builder, string databaseUrl, int siloPort, string? directUrl = null) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(siloPort, gatewayPort: 0, new IPEndPoint(IPAddress.Loopback, siloPort), ServiceId, ClusterId);
        AddStateAndReminders(silo, databaseUrl, directUrl);
    });

    /// <summary>Adds grain state and reminders, both in PostgreSQL, and the log filters of Orleans to a silo.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="databaseUrl">The database, as a URL or in Npgsql's form.</param>
    /// <param name="directUrl">The database without a pooler in between, or null where <paramref name="databaseUrl"/> serves.</param>
    public static void AddStateAndReminders(ISiloBuilder silo, string databaseUrl, string? directUrl = null)
    {
        var connectionString = ProviderConnections(databaseUrl, directUrl);
        silo
            .AddAdoNetGrainStorage(StateStorage.Name, options =>
            {
                options.Invariant = Npgsql;
                options.ConnectionString = connectionString;
                options.GrainStorageSerializer = new GrainStateSerializer();
            })
            .UseAdoNetReminderService(options =>
            {
                options.Invariant = Npgsql;
                options.ConnectionString = connectionString;
            });
        silo.ConfigureLogging(logging => logging
            // Drops its warning at each start that recommends the server garbage collector, whose memory a small machine needs for PostgreSQL.
            .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
            // Drops its false warning: the first check sometimes measures from the boot of the machine and reports a stall of hours in a process that has just started.
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error));
        // The caller of a timed-out call does not know its outcome and repeats it. A cancellation would stop the call halfway and change nothing for the caller.
        silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = false);
    }

    /// <summary>The connection string of Orleans' ADO.NET providers, which open their own connections without the settings of the stores.</summary>
    private static string ProviderConnections(string databaseUrl, string? directUrl)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionStrings.FromUrl(databaseUrl));
        // The providers name their tables without a schema, so the session has to have it, which a pooler does not hand on.
        if (settings.SearchPath is not null && directUrl is not null) settings = new NpgsqlConnectionStringBuilder(ConnectionStrings.FromUrl(directUrl));
        // They leave nothing behind in a session. Behind a pooler a reset would run in a session that others use.
        settings.NoResetOnClose = true;
        settings.ApplicationName = $"{settings.ApplicationName ?? "grainflow"} orleans {Environment.ProcessId}";
        settings.MaxPoolSize = ProviderSessions;
        return settings.ConnectionString;
    }
}
