using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Catalogue;
using Grainflow.Grains;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Silo.Running;
using Grainflow.Silo.Telemetry;
using Grainflow.Storage;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Silo.Hosting;

/// <summary>Puts the process together: storage, grains, blocks and the Orleans runtime.</summary>
internal static class GrainflowHost
{
    /// <summary>Starts a silo without a gateway. The caller holds the instance lock and has migrated.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="replace">Puts other services in the place of those here, or null.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static Task<IHost> StartAsync(Settings settings, Action<IServiceCollection>? replace, CancellationToken cancellationToken) =>
        SiloPorts.StartAsync(siloPort => Build(settings, siloPort, replace), cancellationToken);

    /// <summary>A silo without a gateway that is not started.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="siloPort">The port on loopback that Orleans listens on.</param>
    /// <param name="replace">Puts other services in the place of those here, or null.</param>
    public static IHost Build(Settings settings, int siloPort, Action<IServiceCollection>? replace)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        Add(builder, settings, siloPort, replace);
        return builder.Build();
    }

    /// <summary>Adds the silo to a host, whatever else that host does.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="siloPort">The port on loopback that Orleans listens on.</param>
    /// <param name="replace">Puts other services in the place of those here, or null.</param>
    public static void Add(IHostApplicationBuilder builder, Settings settings, int siloPort, Action<IServiceCollection>? replace)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss.fff ";
            options.UseUtcTimestamp = true;
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);

        builder.AddGrainflowExport(settings);

        var services = builder.Services;
        replace?.Invoke(services);
        services.AddSingleton<FatalErrors>();
        services.AddSingleton<IFatalErrors>(provider => provider.GetRequiredService<FatalErrors>());
        services.AddGrainflowStorage(settings.DatabaseUrl);
        services.AddGrainflowGrains();
        services.TryAddSingleton<ISiloLiveness, LoneSiloLiveness>();
        services.Configure<GrainflowOptions>(options =>
        {
            options.EnableCredit = settings.EnableCredit;
            options.RunAhead = settings.RunAhead;
            options.NumUserCreditsRefill = settings.NumUserCreditsRefill;
            options.MaxConcurrentGraphExecutionsPerUser = settings.MaxConcurrentGraphExecutionsPerUser;
            options.MaxConcurrentExecutionsPerUser = settings.MaxConcurrentExecutionsPerUser;
            options.RunLimits = options.RunLimits with
            {
                MaxNodeExecutions = settings.MaxNodeExecutionsPerRun,
                MaxDuration = TimeSpan.FromHours(settings.MaxRunHours),
                MaxAttempts = settings.MaxNodeAttempts,
                MaxCreatedExecutions = settings.MaxCreatedNodeExecutionsPerRun,
                MaxOutputsPerExecution = settings.MaxOutputsPerNodeExecution,
                MaxOutputBytes = settings.MaxOutputBytes,
                MaxOpenBytes = settings.MaxOpenMegabytesPerRun * 1024L * 1024,
            };
        });
        services.Configure<ExecutionLogOptions>(options =>
        {
            options.ExecutionCostCountThreshold = settings.ExecutionCostCountThreshold;
            options.ExecutionCostPerThreshold = settings.ExecutionCostPerThreshold;
        });

        services.TryAddSingleton<BlockCatalogue>();
        services.TryAddSingleton<IBlockCatalogue>(provider => provider.GetRequiredService<BlockCatalogue>());
        services.TryAddSingleton<IBlockRegistry>(provider => provider.GetRequiredService<BlockCatalogue>());
        services.TryAddSingleton(_ => new SystemCredentialVault(settings.ApiKeys));
        services.TryAddSingleton(provider => Surroundings(settings, provider));
        services.TryAddSingleton<AgentRunner>();

        OrleansWiring.AddSilo(builder, settings.DatabaseUrl, siloPort);
    }

    private static BlockServices Surroundings(Settings settings, IServiceProvider provider) => new()
    {
        Clock = provider.GetRequiredService<TimeProvider>(),
        Http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = settings.TrustedEndpoints }),
        Models = new ChatModels(settings.OpenAiBaseUrl is { } address ? new ChatModelOptions { OpenAiBaseUrl = new Uri(address) } : new ChatModelOptions(), ModelClient()),
        Files = runId => FilesOf(settings, runId),
        Credentials = provider.GetRequiredService<SystemCredentialVault>(),
    };

    /// <summary>Carries calls to models. Their addresses come from the operator alone, and their time limit is that of the models.</summary>
    private static HttpClient ModelClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ActivityHeadersPropagator = new TraceparentPropagator(),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = 32 * 1024 * 1024,
    };

    /// <summary>The folder of a run's files.</summary>
    public static IRunFiles FilesOf(Settings settings, Guid runId) => new DiskRunFiles(Path.Combine(settings.DataFolder, "files", runId.ToString()));
}
