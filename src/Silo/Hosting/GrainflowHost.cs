using Grainflow.Blocks;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Integrations;
using Grainflow.Gateway.Hosting;
using Grainflow.Grains;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Execution;
using Grainflow.Silo.RunFiles;
using Grainflow.Silo.Running;
using Grainflow.Silo.Telemetry;
using Grainflow.Storage;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Grainflow.Silo.Hosting;

/// <summary>Builds the host of a silo: storage, grains, blocks and the Orleans runtime.</summary>
internal static class GrainflowHost
{
    /// <summary>Starts a silo without a gateway. The caller holds the instance lock and has migrated.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="replace">Registers services that replace the default ones, or null.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static Task<IHost> StartAsync(Settings settings, Action<IServiceCollection>? replace, CancellationToken cancellationToken) =>
        OrleansPorts.StartAsync(ports => Build(settings, ports, replace), cancellationToken);

    /// <summary>A silo without a gateway that is not started.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="ports">The ports that Orleans listens on.</param>
    /// <param name="replace">Registers services that replace the default ones, or null.</param>
    public static IHost Build(Settings settings, OrleansPorts ports, Action<IServiceCollection>? replace)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.AddGrainflowSilo(settings, ports, replace).AddGrainflowCommandLine();
        return builder.Build();
    }

    /// <summary>Adds the silo to a host, whatever else that host does.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="ports">The ports that Orleans listens on.</param>
    /// <param name="replace">Registers services that replace the default ones, or null.</param>
    public static IHostApplicationBuilder AddGrainflowSilo(this IHostApplicationBuilder builder, Settings settings, OrleansPorts ports, Action<IServiceCollection>? replace)
    {
        AddBase(builder, settings, replace);
        var services = builder.Services;
        services.AddGrainflowGrains();
        services.AddGrainflowRunFiles(settings.DataFolder, isAlone: settings.Cluster is null);
        services.TryAddSingleton<IOutgoingHttp>(provider => new OutgoingHttp(provider.GetRequiredService<IOptions<OutgoingHttpOptions>>().Value));
        services.TryAddSingleton(BlockServices);
        OrleansWiring.AddSilo(builder, settings, ports);
        return builder;
    }

    /// <summary>Adds a client of the silos of a cluster to a host, for a gateway without a silo.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="replace">Registers services that replace the default ones, or null.</param>
    public static IHostApplicationBuilder AddGrainflowClient(this IHostApplicationBuilder builder, Settings settings, ClusterSettings cluster, Action<IServiceCollection>? replace)
    {
        AddBase(builder, settings, replace);
        OrleansWiring.AddClient(builder, settings, cluster);
        builder.Services.AddSingleton(new SiloReach { AreElsewhere = true });
        // A gateway without a silo stores what users upload.
        builder.Services.AddGrainflowRunFiles(settings.DataFolder, isAlone: false);
        // The web server starts beside the client, which waits for a silo: health has to be answered meanwhile.
        builder.Services.Configure<HostOptions>(options => options.ServicesStartConcurrently = true);
        return builder;
    }

    /// <summary>Adds what every process has: logging, configuration, telemetry, the database and the catalogue of blocks.</summary>
    private static void AddBase(IHostApplicationBuilder builder, Settings settings, Action<IServiceCollection>? replace)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(options =>
        {
            options.FormatterName = LogLines.FormatterName;
            options.LogToStandardErrorThreshold = LogLevel.Trace;
        }).AddConsoleFormatter<LogLines, ConsoleFormatterOptions>();
        // An error at the start ends the command, which reports it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        builder.Services.AddSingleton(new LogDetail(settings.LogStackTraces));

        builder.Configuration.AddInMemoryCollection(settings.Values);
        builder.AddGrainflowExport(settings.Telemetry);

        var services = builder.Services;
        replace?.Invoke(services);
        services.AddSingleton<IHostLifetime, CommandLifetime>();
        services.AddSingleton<FatalErrors>();
        services.AddSingleton<IFatalErrors>(provider => provider.GetRequiredService<FatalErrors>());
        services.AddGrainflowStorage(settings.DatabaseUrl);
        services.Configure<EncryptionOptions>(options => options.KeyFile = settings.KeyFile);
        services.AddGrainflowBlocks();
    }

    /// <summary>Adds what <c>./run AGENT.json</c> needs beside a silo.</summary>
    /// <param name="builder">The host.</param>
    public static IHostApplicationBuilder AddGrainflowCommandLine(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<AgentRunner>();
        builder.Services.AddHostedService<RunFileSweeping>();
        return builder;
    }

    private static BlockServices BlockServices(IServiceProvider provider) => new()
    {
        Clock = provider.GetRequiredService<TimeProvider>(),
        Http = provider.GetRequiredService<IOutgoingHttp>(),
        Streams = new OutgoingStreams(provider.GetRequiredService<IOptions<OutgoingHttpOptions>>().Value),
        Integrations = provider.GetRequiredService<IOptions<IntegrationOptions>>().Value,
        Models = new ChatModels(
            provider.GetRequiredService<IOptions<ChatModelOptions>>().Value,
            ChatModels.CreateTransport(),
            OutgoingHttp.CreateTransport(provider.GetRequiredService<IOptions<OutgoingHttpOptions>>().Value)),
        Files = provider.GetRequiredService<SharedRunFiles>().Of,
        Credentials = provider.GetRequiredService<ICredentialLeases>(),
        KeyValues = provider.GetRequiredService<UserValues>().Of,
        Library = provider.GetRequiredService<OwnLibrary>().Of,
    };
}
