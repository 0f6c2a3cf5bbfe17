using System.Globalization;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Mcp;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Storage.ApiKeys;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.KeyValues;
using Grainflow.Storage.Monitoring;
using Grainflow.Storage.Notifications;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Reviews;
using Grainflow.Storage.Scheduling;
using Grainflow.Storage.Steps;
using Grainflow.Storage.Webhooks;

namespace Grainflow.Grains.Tests.CrashPoints;

/// <summary>What a crash test runs, so that a step is passed.</summary>
internal enum RunWork
{
    /// <summary>
    /// Two runs of an agent with a priced node, streamed outputs, effect-free nodes, sub-agents and calls to the world outside. One waits in the queue for the other.
    /// </summary>
    Whole,

    /// <summary>A run that waits in the queue for longer than the supervisor leaves it alone.</summary>
    Queued,

    /// <summary>A run that is opened on another silo while its node is under way.</summary>
    Moved,

    /// <summary>A run that is stopped while a node and the run of a sub-agent are under way.</summary>
    Stopped,

    /// <summary>A run that is stopped while its node, on another silo, waits for its charge.</summary>
    StoppedUncharged,

    /// <summary>A run that is stopped when its node has ended and could not report it.</summary>
    StoppedLost,
}

/// <summary>
/// A store method, a grain call or a call to the world outside that the path of a run has. Step n has two crash points: 2 n - 1 before it, and 2 n after it.
/// </summary>
/// <param name="Number">From 1, in the order of the list.</param>
/// <param name="Name">The interface and the method; for an append to the log also the kind of an event in the commit.</param>
/// <param name="Work">What passes it.</param>
internal sealed record RunStep(int Number, string Name, RunWork Work);

/// <summary>A point in the path of a run at which a silo may die.</summary>
/// <param name="Number">From 1.</param>
internal sealed record RunCrashPoint(int Number)
{
    /// <summary>The step that it is before or after.</summary>
    public RunStep Step => RunSteps.All[(Number - 1) / 2];

    /// <summary>Whether the step is done when the silo dies.</summary>
    public bool IsAfter => Number % 2 == 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"crash point {Number}, {(IsAfter ? "after" : "before")} {Step.Name}");
}

/// <summary>The steps of the path of a run. <see cref="RunCrashPointsClusterTests"/> holds the list to what the interfaces have and to what runs really call.</summary>
internal static class RunSteps
{
    private const string TickerLooks = "IScheduleStore.DueShardsAsync";
    private const string InboxLooks = "IDeliveryStore.ClaimDueAsync";
    private const string ShardAnchors = "IScheduleShardGrain.Anchor";

    /// <summary>The steps by the work that passes them. A new one goes to the end, so that the others keep their numbers.</summary>
    private static readonly (RunWork Work, string[] Names)[] ByWork =
    [
        (RunWork.Whole,
        [
            "IGraphExecutionGrain.Start",
            "IGraphStore.FindForRunAsync",
            "IGraphStore.FindAsync",
            "IUserGrain.GetTimeZone",
            "IRunStore.CreateAsync",
            "IExecutionQueueGrain.Submit",
            "IRunStore.ActiveOfUserAsync",
            "IGraphExecutionGrain.Admit",
            "IUserWalletGrain.GetBalance",
            "ILedgerStore.ApplyAsync GRANT",
            "ILedgerStore.WalletAsync",
            "IExecutionLog.Append run_started",
            "IExecutionLog.Append node_dispatched",
            "ILogTransport.WriteAsync",
            "ILogListenersGrain.Publish",
            "INodeExecutionGrain.Start",
            "IUserWalletGrain.Spend",
            "ILedgerStore.ApplyAsync USAGE",
            "IGraphExecutionGrain.Report",
            "IExecutionLog.Append node_began",
            "IOutgoingHttp.SendAsync",
            "IChatModels.CompleteAsync",
            "IRunFileStore.SaveAsync",
            "IRunFileStore.FindAsync",
            "IExecutionLog.Append node_output",
            "IExecutionLog.Append node_ended",
            "IExecutionLog.WriteSnapshotAsync",
            "INodeExecutionGrain.ChildProgressed",
            "IGraphExecutionGrain.ReadProgress",
            "IRunOutputFeed.ReadAsync",
            "IExecutionLog.Append run_ended",
            "IExecutionQueueGrain.Ended",
        ]),
        (RunWork.Queued,
        [
            "ISiloLoadsGrain.Publish",
            "IRunSupervisorGrain.Look",
            "IRunSupervisionStore.FindQueuedUsersAsync",
            "IRunSupervisionStore.FindOverdueAsync",
            "IExecutionQueueGrain.Look",
        ]),
        (RunWork.Moved,
        [
            "IGraphExecutionGrain.Resume",
            "IRunStore.FindAsync",
            "IExecutionLog.OpenAsync",
            "IExecutionLog.ReadSnapshotAsync",
            "IExecutionLog.ReadAsync",
            "ISiloAttemptsGrain.FindMissing",
            "IGraphStore.ExistsAsync",
        ]),
        (RunWork.Stopped, ["IGraphExecutionGrain.Stop", "IExecutionLog.Append stop_requested"]),
        (RunWork.StoppedUncharged,
        [
            "INodeExecutionGrain.Find",
            "IUserWalletGrain.FindCharge",
                    ]),
        (RunWork.StoppedLost, ["ILedgerStore.FindAllAsync"]),
        (RunWork.Whole, ["IGraphSettingsStore.FindAsync"]),
    ];

    /// <summary>Methods that may be called while runs go on and are not steps of their path, with the reason.</summary>
    public static IReadOnlyDictionary<string, string> Beside { get; } = Because(
        ("A look at the row of a node that was sent before; it is repeated with the message.", ["IRunOutputFeed.FeeAsync"]),
        ("The log asks for them only when an answer of the database is missing or refuses a commit; ConnectionCrashTests break it there.",
            ["ILogTransport.ReadHeadsAsync", "ILogTransport.ReadFeesAsync"]),
        ("Each server asks for its reminders once.", ["IRunSupervisorGrain.Anchor", ShardAnchors, "IScheduleStore.OfOtherRulesAsync"]),
        ("The timer of the host asks what is due.", [TickerLooks, InboxLooks]),
        ("Sent by the grain that listeners register with, which is placed on the silo of the first of them, here the caller's; a notice may be lost, and NoticeTests lose it.",
            ["ILogObserver.LogsAdvanced"]),
        ("What is known of a model is in memory.", ["IChatModels.Describe"]),
        ("Runs are counted for onboarding a second later; the count of one second may be lost.", ["IOnboardingGrain.RunsStarted", "ILogListenersGrain.NotifyOnboarding", "ILogObserver.OnboardingNoticed"]),
        ("Listeners register themselves.", ["ILogListenersGrain.Register", "ILogListenersGrain.Unregister"]));

    /// <summary>Methods that no run calls, with the reason.</summary>
    public static IReadOnlyDictionary<string, string> Elsewhere { get; } = Because(
        ("The events of a silo that leaves, and of nodes without optional credentials; their commits are as those of other events.",
            ["IExecutionLog.Append node_interrupted", "IExecutionLog.Append node_skipped"]),
        ("No block of the catalogue has a price that is settled; MeteredCrashTests breaks such a node off before and after each of its writes.", ["IUserWalletGrain.Settle"]),
        ("The reconciliation and the administrators' view read and change nothing.",
        [
            "ILedgerAudit.CompareAsync", "ILedgerAudit.PaymentsAsync", "ILedgerAudit.PaymentsOfAsync", "ILedgerAudit.RefundKeysAsync", "ILedgerAudit.BandsAsync",
            "ILedgerQueries.PageAsync", "ILedgerQueries.CountAsync",
        ]),
        ("A user asks.",
        [
            "IGraphExecutionGrain.GetState", "IRunStore.FindByRequestKeyAsync", "IRunStore.NodeExecutionsAsync", "IRunStore.OutputsAsync", "IRunStore.DeleteAsync",
            "IRunOutputFeed.FamilyAsync",
            "IExecutionQueries.OfUserAsync", "IExecutionQueries.OfGraphAsync", "IExecutionQueries.FindAsync", "IExecutionQueries.OutputsAsync", "IExecutionQueries.LastModelContextsAsync", "IExecutionQueries.HasSeveralAsync",
            "IUserGrain.Ensure", "IUserGrain.SetTimeZone", "IUserStore.EnsureAsync", "IUserStore.FindAsync", "ILedgerStore.HistoryAsync", "IUserWalletGrain.Apply", "IUserWalletGrain.HasCredits", "IUserWalletGrain.GetAutoTopUp", "IUserWalletGrain.SetAutoTopUp", "ILedgerStore.SetAutoTopUpAsync", "ILedgerStore.FindAsync", "IBlockCatalogueGrain.List", "IBlockGrain.Execute",
            "ILedgerStore.ApplyAsync TOP_UP", "ILedgerStore.ApplyAsync REFUND", "ILedgerStore.ApplyAsync CARD_CHECK",
        ]),
        ("Payments are no part of a run; PaymentCrashTests breaks them off at each step.",
        [
            .. MethodsOf(typeof(IUserPaymentsGrain)), .. MethodsOf(typeof(IStripeEventsGrain)), .. MethodsOf(typeof(IPaymentStore)), .. MethodsOf(typeof(IStripeEventStore)),
        ]),
        ("Webhooks start runs and are no part of them; WebhookCrashTests breaks them off at each step.",
        [
            .. MethodsOf(typeof(IWebhookGrain)), .. MethodsOf(typeof(IUserPresetsGrain)), .. MethodsOf(typeof(IWebhookStore)), .. MethodsOf(typeof(IDeliveryStore)).Except([InboxLooks]), .. MethodsOf(typeof(IPresetStore)), .. MethodsOf(typeof(ISecretSealer)),
        ]),
        ("No step of a run that these tests start asks for a review; ReviewCrashTests breaks such a run off at each of its steps.",
        [
            .. MethodsOf(typeof(IReviewStore)), "IGraphSettingsStore.SetAsync", "IGraphExecutionGrain.Decide", "IGraphGrain.SetSafety", "IExecutionLog.Append run_reviewed",
        ]),
        ("No node of these runs has credentials; CredentialCrashTests breaks off what is done with them.",
        [
            .. MethodsOf(typeof(ICredentialGrain)), .. MethodsOf(typeof(IUserCredentialsGrain)), .. MethodsOf(typeof(ICredentialStore)), .. MethodsOf(typeof(ICredentialLeaseStore)),
            .. MethodsOf(typeof(IOAuthStateStore)),
        ]),
        ("A request with a key is claimed before its run is started, and answered after.",
        [
            "IRequestKeyGrain.Claim", "IRequestKeyGrain.Answer", "IRequestKeyGrain.Abandon",
            "IRequestKeyStore.EnsureAsync", "IRequestKeyStore.AnswerAsync", "IRequestKeyStore.DeleteAsync",
        ]),
        ("Graphs are stored, read and deleted outside of their runs.",
        [
            "IGraphGrain.Create", "IGraphGrain.Import", "IGraphGrain.Update", "IGraphGrain.MapCredentials", "IGraphGrain.EstimateCost", "IGraphGrain.Export", "IGraphGrain.Activate",
            "IGraphGrain.GetSchemas", "IGraphGrain.Delete", "IGraphStore.InsertAsync", "IGraphStore.DeletedAsync", "IGraphStore.FindManyAsync", "IGraphStore.VersionsAsync", "IGraphStore.SetActiveAsync",
            "IGraphStore.DeleteAsync", "IGraphStore.CollectDeletedAsync", "IGraphStore.ActiveOfUserAsync", "IGraphStore.WithoutModelAsync", "IGraphStore.SetModelAsync", "IRunStore.UnfinishedOfGraphAsync",
        ]),
        ("Schedules start runs: their own crash tests, ScheduleCrashTests, break that off between its steps.",
        [
            .. MethodsOf(typeof(IScheduleStore)).Except([TickerLooks, "IScheduleStore.OfOtherRulesAsync"]), .. MethodsOf(typeof(IScheduleGrain)), .. MethodsOf(typeof(IScheduleShardGrain)).Except([ShardAnchors]),
            "IRunStore.CreateManyAsync", "IExecutionQueueGrain.SubmitAll",
        ]),
        ("Onboarding is told of what users do, beside it; OnboardingCrashTests break off its rewards.",
            [.. MethodsOf(typeof(IOnboardingGrain)).Except(["IOnboardingGrain.RunsStarted"])]),
        ("Notices of schedules are sent beside their runs and may be lost.", ["ILogListenersGrain.Notify", "ILogObserver.SchedulesNoticed"]),
        ("Texts that are still made are sent beside their runs, by models that stream, and may be lost.", ["ILogListenersGrain.WantPartial", "ILogListenersGrain.PublishPartial", "ILogObserver.PartialAdvanced"]),
        ("Tasks of the platform are no part of a run; SystemTaskTests break them off.",
        [
            .. MethodsOf(typeof(ISystemTaskGrain)), .. MethodsOf(typeof(ISystemTaskStore)), .. MethodsOf(typeof(IMonitoringQueries)), .. MethodsOf(typeof(INotificationEventStore)),
        ]),
        ("The values that agents keep, which two blocks write and read. An attempt that is repeated writes the same value again; UserValuesTests repeat a write.", [.. MethodsOf(typeof(IKeyValueStore))]),
        ("Only agents that run their tools in their place record steps; AgentToolsTests kill the server between two of them.", [.. MethodsOf(typeof(INodeStepStore))]),
        ("It ends the process.", ["IFatalErrors.Report"]),
        ("It computes an id before the run is started, and keeps nothing.", [.. MethodsOf(typeof(IRunIds))]),
        ("API keys and the lists of tools of MCP servers are asked for outside of runs; each change is one statement.", [.. MethodsOf(typeof(IApiKeyStore)), .. MethodsOf(typeof(IMcpGrain))]),
        ("A server that starts asks once.", ["IRunStore.UnfinishedAsync"]),
        ("Contents outside of the database, and the removal of files; neither is in the database that these tests have.",
            ["IRunFileStore.AnnounceAsync", "IRunFileStore.DeleteExpiredAsync", "IRunFileStore.RemovableAsync", "IRunFileStore.RemovedAsync"]));

    /// <summary>All steps, by number.</summary>
    public static IReadOnlyList<RunStep> All { get; } =
        [.. ByWork.SelectMany(group => group.Names.Select(name => (group.Work, name))).Select((step, index) => new RunStep(index + 1, step.name, step.Work))];

    /// <summary>The points before and after each step.</summary>
    public static IReadOnlyList<RunCrashPoint> Points { get; } = [.. Enumerable.Range(1, All.Count * 2).Select(number => new RunCrashPoint(number))];

    private static IEnumerable<string> MethodsOf(Type type) => type.GetMethods().Select(method => $"{type.Name}.{method.Name}");

    private static Dictionary<string, string> Because(params (string Reason, string[] Names)[] groups) =>
        groups.SelectMany(group => group.Names.Select(name => (name, group.Reason))).ToDictionary(item => item.name, item => item.Reason, StringComparer.Ordinal);
}
