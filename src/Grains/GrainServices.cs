using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Grainflow.Engine.Scheduling;
using Grainflow.Grains.Billing;
using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Catalogue;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Mcp;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Scheduling;
using Grainflow.Grains.Telemetry;
using Grainflow.Grains.Users;
using Grainflow.Grains.Webhooks;
using Grainflow.Storage.KeyValues;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NodaTime;
using Orleans.Placement;

namespace Grainflow.Grains;

/// <summary>Registers the services of the grains.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the services of this assembly. The host adds storage, the blocks (<c>IBlockCatalogue</c>,
    /// <c>IBlockRegistry</c>), <see cref="BlockServices"/> and the guarded client (<c>IOutgoingHttp</c>).
    /// </summary>
    /// <param name="services">The silo's services.</param>
    public static IServiceCollection AddGrainflowGrains(this IServiceCollection services)
    {
        services.AddOptions<GrainflowOptions>().BindConfiguration(GrainflowOptions.Section).ValidateDataAnnotations()
            .Validate(options => Validator.TryValidateObject(options.RunLimits, new ValidationContext(options.RunLimits), validationResults: null, validateAllProperties: true), "A limit of runs is out of its range.")
            .ValidateOnStart();
        services.AddOptions<SystemCredentialOptions>().BindConfiguration(SystemCredentialOptions.Section);
        services.TryAddSingleton<SystemCredentialVault>();
        services.TryAddSingleton<CredentialMetrics>();
        services.TryAddSingleton<AccessRecorder>();
        services.TryAddSingleton<CredentialRefresher>();
        services.TryAddSingleton<LeaseKeeper>();
        services.TryAddSingleton<ICredentialLeases, CredentialLeases>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIdSource, RandomIds>();
        services.TryAddSingleton(provider => new SiloIdentity(provider.GetRequiredService<ILocalSiloDetails>().SiloAddress));
        services.TryAddSingleton<ISiloLiveness, MembershipLiveness>();
        services.AddMetrics();
        services.TryAddSingleton<ExecutionMetrics>();
        services.TryAddSingleton<BillingMetrics>();
        services.TryAddSingleton<LogAdvancedPublisher>();
        services.TryAddSingleton<PartialTexts>();
        services.TryAddSingleton<GraphFamilies>();
        services.TryAddSingleton<GraphModels>();
        services.TryAddSingleton<DeletedGraphs>();
        services.TryAddSingleton<RunCounter>();
        services.TryAddSingleton<RunFactory>();
        services.TryAddSingleton<RunLoader>();
        services.TryAddSingleton<NodeWorkFactory>();
        services.TryAddSingleton<RunServices>();
        services.TryAddSingleton<Draining>();
        services.TryAddSingleton(CreateSlots);
        services.TryAddSingleton<BlockPool>();
        services.TryAddSingleton<SiloLoads>();
        services.TryAddSingleton<SiloLoadPublisher>();
        services.AddSingleton<IRunIds, NearRunIds>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<SiloLoadPublisher>());
        services.AddPlacementDirector<RoomPlacement, RoomPlacementDirector>();
        services.AddPlacementDirector<RunPlacement, RunPlacementDirector>();
        services.AddPlacementFilter<StayingSilos, StayingSilosDirector>(ServiceLifetime.Singleton);
        services.TryAddSingleton<ComputingPool>();
        services.TryAddSingleton<GrainCallRetry>();
        services.TryAddSingleton<OwnLibrary>();
        services.TryAddSingleton(provider => new UserValues(provider.GetRequiredService<IKeyValueStore>(), provider.GetRequiredService<GrainCallRetry>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<SubAgentRunner>();
        services.TryAddSingleton<NodeCharges>();
        services.TryAddSingleton<NodeRunner>();
        services.TryAddSingleton<DirectCharges>();
        services.TryAddSingleton<DirectExecution>();
        services.TryAddSingleton<SiloAttempts>();
        services.TryAddSingleton<RunRecovery>();
        services.AddOptions<SchedulerOptions>().BindConfiguration(SchedulerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<IDateTimeZoneProvider>(DateTimeZoneProviders.Tzdb);
        services.TryAddSingleton<TimeZones>();
        services.TryAddSingleton<ScheduleClock>();
        services.TryAddSingleton<ScheduleDefinitions>();
        services.TryAddSingleton<ScheduleNotices>();
        services.TryAddSingleton<ScheduleStarter>();
        services.AddOptions<SystemTaskOptions>().BindConfiguration(SystemTaskOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<NotificationLog>();
        services.AddOptions<OAuthOptions>().BindConfiguration(OAuthOptions.Section);
        services.TryAddSingleton<OAuthStates>();
        services.TryAddSingleton<RegisteredOAuthClient>();
        services.TryAddSingleton<IOAuthClient, OAuthClient>();
        services.TryAddSingleton<McpAuthorizations>();
        services.TryAddSingleton<McpLogins>();
        services.TryAddSingleton<IKnownCredentials, KnownCredentials>();
        return services.AddPayments().AddWebhooks();
    }

    /// <summary>Adds what <see cref="Reconciliation"/> needs in a process without a silo.</summary>
    /// <param name="services">The services, which have the stores and the configuration.</param>
    public static IServiceCollection AddGrainflowReconciliation(this IServiceCollection services) => services.AddPayments();

    /// <summary>Adds the supervision of runs, the ticking of schedules and the inbox of webhooks. For servers only: a command that runs one agent fires no schedule, and ends with its agent.</summary>
    /// <param name="services">The silo's services.</param>
    public static IServiceCollection AddGrainflowSupervision(this IServiceCollection services) => services.AddHostedService<RunSupervision>().AddHostedService<ScheduleTicking>().AddHostedService<WebhookTicking>();

    /// <summary>
    /// Adds the tasks of the platform (contract: semantics 5.1) and what wakes them. For servers only: a process without them runs no task, not even when a reminder asks it to.
    /// The host adds an <see cref="IExpiredFiles"/>.
    /// </summary>
    /// <param name="services">The silo's services.</param>
    public static IServiceCollection AddGrainflowSystemTasks(this IServiceCollection services)
    {
        services.AddSingleton<ISystemTask, WeeklySummaryTask>();
        services.AddSingleton<ISystemTask, ExistingBatchesTask>();
        services.AddSingleton<ISystemTask, LateExecutionsTask>();
        services.AddSingleton<ISystemTask, BlockErrorRatesTask>();
        services.AddSingleton<ISystemTask, ExpiredFilesTask>();
        services.AddSingleton<ISystemTask, OAuthTokensTask>();
        services.AddSingleton<ISystemTask, ExecutionAccuracyTask>();
        services.AddSingleton<ISystemTask, EmbeddingsTask>();
        services.AddSingleton<ISystemTask, PendingPaymentsTask>();
        services.AddSingleton<ISystemTask, ReconciliationTask>();
        services.AddSingleton<ISystemTask, WebhookCleanUpTask>();
        services.AddSingleton<SystemTasks>();
        return services.AddHostedService<SystemTaskTicker>();
    }

    private static RunSlots CreateSlots(IServiceProvider provider)
    {
        var (draining, calls, grains) = (provider.GetRequiredService<Draining>(), provider.GetRequiredService<GrainCallRetry>(), provider.GetRequiredService<IGrainFactory>());
        var stopping = provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var slots = new RunSlots(provider.GetRequiredService<IOptions<GrainflowOptions>>().Value.MaxRunsPerSilo, () => draining.IsDraining, AdmitAsync);
        var meter = provider.GetRequiredService<IMeterFactory>().Create(Instrumentation.Name);
        meter.CreateObservableGauge("execution_manager_run_slots", () => slots.Count, description: "Runs that may be under way at once in this process, sub-agents not counted.");
        meter.CreateObservableGauge("execution_manager_run_slots_taken", () => slots.Taken, description: "Of these, those that are taken.");
        meter.CreateObservableGauge("execution_manager_runs_waiting_for_slot", () => slots.Waiting, description: "Runs that the limits of their users allow and that wait for a slot of this process.");
        return slots;

        async Task AdmitAsync(Guid run) => await calls.ForEverAsync(
            async () =>
            {
                await grains.GetGrain<IGraphExecutionGrain>(run).Admit();
                return true;
            },
            stopping);
    }
}

/// <summary>The Orleans storage provider of grain state.</summary>
public static class StateStorage
{
    /// <summary>The name of the provider.</summary>
    public const string Name = "grainflow";
}
