using Grainflow.Engine.Catalogue;
using Grainflow.Storage.ApiKeys;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Builder;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.KeyValues;
using Grainflow.Storage.Monitoring;
using Grainflow.Storage.Notifications;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Requests;
using Grainflow.Storage.Reviews;
using Grainflow.Storage.RunFiles;
using Grainflow.Storage.Scheduling;
using Grainflow.Storage.Steps;
using Grainflow.Storage.Telemetry;
using Grainflow.Storage.Users;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Storage;

/// <summary>Registers the stores.</summary>
public static class StorageServices
{
    /// <summary>
    /// Adds the <see cref="Database"/> and every store as a singleton. Migrating is the caller's step
    /// (<see cref="Migrations.Migrator"/>). A host registers an <see cref="IFatalErrors"/>, and an <see cref="IBlockCatalogue"/> where it uses the <see cref="GraphCache"/>. A test may register its own <see cref="ILogTransport"/> or <see cref="TimeProvider"/> before.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="connectionString">In Npgsql's form or as a <c>postgres://</c> URL.</param>
    public static IServiceCollection AddGrainflowStorage(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<ExecutionLogOptions>()
            .BindConfiguration(ExecutionLogOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.ExecutionCountWindow > TimeSpan.Zero, "ExecutionCountWindow must be positive.")
            .Validate(
                options => options.MinRetryDelay > TimeSpan.Zero && options.MaxRetryDelay >= options.MinRetryDelay,
                "MinRetryDelay must be positive and not above MaxRetryDelay.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new Database(connectionString, provider.GetService<ILoggerFactory>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ExecutionLogOptions>>().Value);
        services.TryAddSingleton(new WriterLane());
        services.TryAddSingleton<ILogTransport, NpgsqlLogTransport>();
        services.TryAddSingleton<LogTails>();
        services.TryAddSingleton<RunPositionQueries>();
        services.TryAddSingleton<IExecutionLog, ExecutionLog>();
        services.TryAddSingleton<IRunStore, RunStore>();
        services.TryAddSingleton<IRunSupervisionStore, RunSupervisionStore>();
        services.TryAddSingleton<IRunOutputFeed, RunOutputFeed>();
        services.TryAddSingleton<IExecutionQueries, ExecutionQueries>();
        services.TryAddSingleton<IScheduleStore, ScheduleStore>();
        services.TryAddSingleton<IGraphStore, GraphStore>();
        services.TryAddSingleton<AgentNames>();
        services.TryAddSingleton<OwnAgents>();
        services.TryAddSingleton<RunShares>();
        services.TryAddSingleton<RunLogQueries>();
        services.TryAddSingleton<PageKeys>();
        services.TryAddSingleton<RecentSearches>();
        services.AddOptions<GraphCacheOptions>().BindConfiguration(GraphCacheOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<GraphCache>();
        services.AddOptions<LedgerOptions>().BindConfiguration(LedgerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<LedgerOptions>>().Value);
        services.TryAddSingleton<ILedgerStore, LedgerStore>();
        services.TryAddSingleton<LedgerWriter>();
        services.TryAddSingleton<ILedgerQueries, LedgerQueries>();
        services.TryAddSingleton<ILedgerAudit, LedgerAudit>();
        services.TryAddSingleton<IPaymentStore, PaymentStore>();
        services.TryAddSingleton<IStripeEventStore, StripeEventStore>();
        services.AddOptions<EncryptionOptions>().BindConfiguration(EncryptionOptions.Section);
        services.TryAddSingleton<EncryptionKeys>();
        services.TryAddSingleton<IReviewStore, ReviewStore>();
        services.TryAddSingleton<IGraphSettingsStore, ReviewStore>();
        services.TryAddSingleton<ICredentialStore, CredentialStore>();
        services.TryAddSingleton<ICredentialLeaseStore, CredentialLeaseStore>();
        services.TryAddSingleton<IOAuthStateStore, OAuthStateStore>();
        services.TryAddSingleton<CredentialSealer>();
        services.TryAddSingleton<ISecretSealer>(provider => provider.GetRequiredService<CredentialSealer>());
        services.TryAddSingleton<KeyRotation>();
        services.TryAddSingleton<IUserStore, UserStore>();
        services.TryAddSingleton<IRequestKeyStore, RequestKeyStore>();
        services.TryAddSingleton<IRunFileStore, RunFileStore>();
        services.TryAddSingleton<IKeyValueStore, KeyValueStore>();
        services.TryAddSingleton<INodeStepStore, NodeStepStore>();
        services.TryAddSingleton<INotificationEventStore, NotificationEventStore>();
        services.TryAddSingleton<ISystemTaskStore, SystemTaskStore>();
        services.TryAddSingleton<IMonitoringQueries, MonitoringQueries>();
        services.TryAddSingleton<OperatorQueries>();
        services.TryAddSingleton<CredentialAccessQueries>();
        services.TryAddSingleton<IWebhookStore, WebhookStore>();
        services.TryAddSingleton<IDeliveryStore, DeliveryStore>();
        services.TryAddSingleton<DeliveryWriter>();
        services.TryAddSingleton<ScheduleWriter>();
        services.TryAddSingleton<IPresetStore, PresetStore>();
        services.TryAddSingleton<IApiKeyStore, ApiKeyStore>();
        services.TryAddSingleton<DatabaseProbe>();
        services.TryAddSingleton<RunQueueProbe>();
        services.TryAddSingleton<GatewayStore>();
        return services;
    }
}
