namespace Grainflow.Grains.Interfaces.Monitoring;

/// <summary>
/// One task of the platform itself (contract: semantics 5.1); the key is its name, a member of <see cref="SystemTaskNames"/>. It runs when it is due, on one silo of the
/// cluster at a time; its state is a row, so a restart neither puts it off nor repeats it.
/// </summary>
[Alias("grainflow.ISystemTaskGrain")]
public interface ISystemTaskGrain : IGrainWithStringKey
{
    /// <summary>Begins a run if one is due, and does not wait for its end. Servers call it in turn.</summary>
    /// <returns>The status before that run.</returns>
    /// <exception cref="ArgumentException">There is no task of this name.</exception>
    [Alias("Look")]
    Task<SystemTaskStatus> Look();

    /// <summary>Makes sure that a reminder wakes the task if no server asks it to look, and makes a task due that runs at each start.</summary>
    /// <exception cref="ArgumentException">There is no task of this name.</exception>
    [Alias("Anchor")]
    Task Anchor();

    /// <summary>Runs the task now, whether it is due or not, and waits for its end. A run that is under way already counts as this one. When the task is due next does not change, unless it was due now.</summary>
    /// <exception cref="ArgumentException">There is no task of this name.</exception>
    [Alias("Trigger"), ResponseTimeout("00:06:00")]
    Task<SystemTaskTriggerResult> Trigger();

    /// <summary>When the task is due, whether it runs, and how it went last.</summary>
    /// <exception cref="ArgumentException">There is no task of this name.</exception>
    [Alias("GetStatus")]
    Task<SystemTaskStatus> GetStatus();
}

/// <summary>The tasks of the platform, by the names of their jobs in the contract (semantics 5.1).</summary>
public static class SystemTaskNames
{
    /// <summary>Queues weekly summaries.</summary>
    public const string WeeklySummary = "process_weekly_summary";

    /// <summary>Sends batches of notifications that have waited for long enough; runs only when it is asked for.</summary>
    public const string ExistingBatches = "process_existing_batches";

    /// <summary>Reports executions that did not start or do not end.</summary>
    public const string LateExecutions = "report_late_executions";

    /// <summary>Reports blocks that fail often.</summary>
    public const string BlockErrorRates = "report_block_error_rates";

    /// <summary>Deletes files that have expired.</summary>
    public const string ExpiredFiles = "cleanup_expired_files";

    /// <summary>Deletes codes and tokens that have expired.</summary>
    public const string OAuthTokens = "cleanup_oauth_tokens";

    /// <summary>Reports agents that have become less accurate.</summary>
    public const string ExecutionAccuracy = "report_execution_accuracy_alerts";

    /// <summary>Fills in missing embeddings of the search.</summary>
    public const string Embeddings = "ensure_embeddings_coverage";

    /// <summary>Goes on with payments that were interrupted; an addition to the contract.</summary>
    public const string PendingPayments = "process_pending_payments";

    /// <summary>Compares the ledger with wallets and payments; an addition to the contract.</summary>
    public const string Reconciliation = "reconcile_ledger";

    /// <summary>Deletes old deliveries of webhooks and prunes webhooks that nothing uses; an addition to the contract.</summary>
    public const string Webhooks = "cleanup_webhooks";

    /// <summary>All of them, in the order of the contract, and after these what is not in it.</summary>
    public static IReadOnlyList<string> All { get; } =
        [WeeklySummary, ExistingBatches, LateExecutions, BlockErrorRates, ExpiredFiles, OAuthTokens, ExecutionAccuracy, Embeddings, PendingPayments, Reconciliation, Webhooks];
}

/// <summary>The state of a task.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SystemTaskStatus")]
public sealed record SystemTaskStatus
{
    /// <summary>The name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>When it is due next; null when it runs only when it is asked for.</summary>
    [Id(1)]
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The silo that runs it now; null when none does.</summary>
    [Id(2)]
    public string? Host { get; init; }

    /// <summary>When the run under way or the last one began; null before the first.</summary>
    [Id(3)]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last run ended; null before that.</summary>
    [Id(4)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What the last run gave, in the form of the contract; null when it failed or there was none.</summary>
    [Id(5)]
    public JsonPayload? Result { get; init; }

    /// <summary>Why the last run failed; null when it succeeded or there was none.</summary>
    [Id(6)]
    public string? Error { get; init; }
}

/// <summary>The answer to a request to run a task now.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SystemTaskTriggerResult")]
public sealed record SystemTaskTriggerResult
{
    /// <summary>False when nothing ran for this request, because another silo has a run of the task under way.</summary>
    [Id(0)]
    public required bool HasRun { get; init; }

    /// <summary>The state after the run.</summary>
    [Id(1)]
    public required SystemTaskStatus Status { get; init; }
}
