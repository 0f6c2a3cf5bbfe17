using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grainflow.Grains;
using Grainflow.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Serialization;

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
    /// The most database connections that the providers of membership, grain state and reminders may open together, in addition to those of the stores
    /// (<see cref="ConnectionStrings"/>). They use the same connection string, so Npgsql gives them one pool.
    /// </summary>
    private const int ProviderSessions = 8;

    /// <summary>How often a gateway reads which silos there are.</summary>
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>Adds a silo of the cluster of the settings; without one, a silo that is alone.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="ports">The ports of Orleans.</param>
    public static void AddSilo(IHostApplicationBuilder builder, Settings settings, OrleansPorts ports)
    {
        AddExceptions(builder.Services);
        if (settings.Cluster is not { } cluster)
        {
            AddLoneSilo(builder, settings.DatabaseUrl, ports.Silo, settings.DirectUrl);
            return;
        }

        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => SetCluster(options, cluster))
                .Configure<ClusterMembershipOptions>(ClusterTimes.Set)
                .ConfigureEndpoints(cluster.Address, ports.Silo, ports.Gateway, listenOnAnyHostAddress: !IPAddress.IsLoopback(cluster.Address))
                .UseAdoNetClustering(options =>
                {
                    options.Invariant = Npgsql;
                    options.ConnectionString = ProviderConnections(settings.DatabaseUrl, settings.DirectUrl);
                });
            if (cluster.Tls is { } tls) silo.UseTls(options => SetTls(options, tls));
            silo.Services.AddSingleton<Orleans.Runtime.IFatalErrorHandler, DeadSiloHandler>();
            AddStateAndReminders(silo, settings.DatabaseUrl, settings.DirectUrl);
        });
    }

    /// <summary>Adds a silo that is alone: membership in memory, one endpoint on loopback for Orleans itself, and no gateway port.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="databaseUrl">The database, as a URL or in Npgsql's form.</param>
    /// <param name="siloPort">A free port on loopback (<see cref="OrleansPorts"/>).</param>
    /// <param name="directUrl">The database without a pooler in between, or null where <paramref name="databaseUrl"/> serves.</param>
    public static void AddLoneSilo(IHostApplicationBuilder builder, string databaseUrl, int siloPort, string? directUrl = null) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(siloPort, gatewayPort: 0, new IPEndPoint(IPAddress.Loopback, siloPort), ServiceId, ClusterId);
        AddStateAndReminders(silo, databaseUrl, directUrl);
    });

    /// <summary>Adds a client of the silos of a cluster. Its start waits until one of them is in reach.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="cluster">The cluster.</param>
    public static void AddClient(IHostApplicationBuilder builder, Settings settings, ClusterSettings cluster) => builder.UseOrleansClient(client =>
    {
        AddExceptions(client.Services);
        client.Configure<ClusterOptions>(options => SetCluster(options, cluster))
            .Configure<Orleans.Configuration.GatewayOptions>(options => options.GatewayListRefreshPeriod = GatewayRefresh)
            // As for silos below.
            .Configure<ClientMessagingOptions>(options => options.CancelRequestOnTimeout = false)
            .UseAdoNetClustering(options =>
            {
                options.Invariant = Npgsql;
                options.ConnectionString = ProviderConnections(settings.DatabaseUrl, settings.DirectUrl);
            });
        builder.Logging.AddFilter("Orleans.Runtime.Messaging", LogLevel.Error).AddFilter("Orleans.Messaging", LogLevel.Error);
        if (cluster.Tls is { } tls) client.UseTls(options => SetTls(options, tls));
        client.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ClusterConnection>(provider, cluster.Name));
        client.Services.AddSingleton<IClientConnectionRetryFilter>(provider => provider.GetRequiredService<ClusterConnection>());
        client.Services.AddSingleton<IClusterConnectionStatusObserver>(provider => provider.GetRequiredService<ClusterConnection>());
    });

    /// <summary>Lets errors of the database cross from process to process, so that the caller can tell a database that is away from other errors.</summary>
    private static void AddExceptions(IServiceCollection services) => services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add(Npgsql));

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
        AddMembershipLogFilters(silo);
        // The caller of a timed-out call does not know its outcome and repeats it. A cancellation would stop the call halfway and change nothing for the caller.
        silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = false);
    }

    /// <summary>
    /// Drops what Orleans logs of each message and each attempt while a silo is gone and the membership does not say so yet. That a silo is suspected, and that it
    /// is declared dead, is logged by the membership; a call that fails in the end is logged by its caller.
    /// </summary>
    private static void AddMembershipLogFilters(ISiloBuilder silo) => silo.ConfigureLogging(logging => logging
        .AddFilter("Polly", LogLevel.None)
        .AddFilter("Orleans.Messaging", LogLevel.Critical)
        .AddFilter("Orleans.Runtime.CallbackData", LogLevel.Error)
        .AddFilter("Orleans.Runtime.Messaging", LogLevel.Error)
        .AddFilter("Orleans.Runtime.Metadata", LogLevel.Error)
        .AddFilter("Orleans.Runtime.GrainDirectory", LogLevel.Critical)
        .AddFilter("Orleans.Runtime.MembershipService.SiloHealthMonitor", LogLevel.Error));

    private static void SetCluster(ClusterOptions options, ClusterSettings cluster)
    {
        options.ServiceId = ServiceId;
        options.ClusterId = cluster.Name;
    }

    /// <summary>Both ends of a connection show a certificate, and take only one that the authority of the settings has signed.</summary>
    private static void SetTls(TlsOptions options, ClusterTls tls)
    {
        // The key is exported and read again, because SslStream does not take keys that exist in memory only on every system.
        using var pem = X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key);
        options.LocalCertificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
        var authority = X509CertificateLoader.LoadCertificateFromFile(tls.Authority);
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsSignedBy(certificate, authority);
        options.OnAuthenticateAsClient = (_, authentication) =>
        {
            // The processes are known by their authority, not by names: pods have addresses that no certificate could list.
            authentication.TargetHost = options.LocalCertificate.GetNameInfo(X509NameType.DnsName, forIssuer: false);
        };
    }

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
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
