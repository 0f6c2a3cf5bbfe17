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
/// How Orleans is configured: the one place that names its providers (DESIGN section 3). The server, the command line and the tests share
/// <see cref="AddStateAndReminders"/>; only membership and endpoints differ between them.
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
    /// Sessions with the database that the providers of grain state and reminders may open together, beside those of the stores
    /// (<see cref="ConnectionStrings"/>). Both use the same connection string, so Npgsql gives them one pool.
    /// </summary>
    private const int ProviderSessions = 8;

    /// <summary>Adds a silo that is alone: membership in memory, one endpoint on loopback for Orleans itself, and no gateway port.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="databaseUrl">The database, as a URL or in Npgsql's form.</param>
    /// <param name="siloPort">A free port on loopback (<see cref="SiloPorts"/>).</param>
    public static void AddSilo(IHostApplicationBuilder builder, string databaseUrl, int siloPort) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(siloPort, gatewayPort: 0, new IPEndPoint(IPAddress.Loopback, siloPort), ServiceId, ClusterId);
        AddStateAndReminders(silo, databaseUrl);
    });

    /// <summary>Adds grain state and reminders to a silo, both in PostgreSQL, and what Orleans logs.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="databaseUrl">The database, as a URL or in Npgsql's form.</param>
    public static void AddStateAndReminders(ISiloBuilder silo, string databaseUrl)
    {
        var connectionString = ProviderConnections(databaseUrl);
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
            // At each start it recommends the server garbage collector, which costs a small machine memory that it needs for PostgreSQL.
            .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
            // Its first check sometimes measures from the boot of the machine, and reports a stall of hours in a process that has just begun.
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error));
        // The outcome of a call that timed out is unknown to its caller, who makes it again; cancelling it meanwhile would only hide what it did.
        silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = false);
    }

    /// <summary>A connection string for Orleans' AdoNet providers, which open connections by themselves, without the settings of the stores.</summary>
    private static string ProviderConnections(string databaseUrl)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionStrings.FromUrl(databaseUrl));
        settings.ApplicationName = $"{settings.ApplicationName ?? "grainflow"} orleans {Environment.ProcessId}";
        settings.MaxPoolSize = ProviderSessions;
        return settings.ConnectionString;
    }
}
