using System.Collections.Immutable;
using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>The immutable data with which a run starts. Together with the log it suffices to rebuild the run (contract: semantics 2.2).</summary>
public sealed record RunSpec
{
    /// <summary>The run's id.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The user who owns the run and is charged for it.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    public required string GraphId { get; init; }

    /// <summary>The version of the graph.</summary>
    public required int GraphVersion { get; init; }

    /// <summary>When the run was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The starting nodes, in order.</summary>
    public required ImmutableArray<StartNode> Starts { get; init; }

    /// <summary>Values that replace those of pins, by node id: credentials and the masks of the caller.</summary>
    public ImmutableDictionary<string, PinValues> Masks { get; init; } = ImmutableDictionary<string, PinValues>.Empty;

    /// <summary>The nodes that are skipped because their optional credentials are missing.</summary>
    public ImmutableHashSet<string> NodesToSkip { get; init; } = [];

    /// <summary>The user's IANA time zone; <c>UTC</c> when not set.</summary>
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>The number of runs above this one; 0 for a root run.</summary>
    public int Depth { get; init; }

    /// <summary>The topmost run, which was not started by another run; this run itself for a root run.</summary>
    public Guid RootRunId { get; init; }

    /// <summary>The run that started this one, or null.</summary>
    public Guid? ParentRunId { get; init; }

    /// <summary>The node execution that started this run, or null.</summary>
    public Guid? ParentNodeExecutionId { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the run; null when it is not traced. It has no influence on the run.</summary>
    public string? TraceParent { get; init; }

    /// <summary>True for the run of a scenario, whose services are scripted: another process, which has real ones, must not go on with it.</summary>
    public bool Scripted { get; init; }

    /// <summary>The schedule that started the run, or null. It has no influence on the run.</summary>
    public RunSchedule? Schedule { get; init; }

    /// <summary>The webhook that started the run, or null. It has no influence on the run.</summary>
    public RunWebhook? Webhook { get; init; }

    /// <summary>The most credits that the root run and the sub-agents below it may spend together, 0 or more; null for no budget. The same in all of them.</summary>
    public long? MaxCost { get; init; }

    /// <summary>True when blocks for human review pass their data on without asking (contract: semantics 2.12, <c>human_in_the_loop_safe_mode</c> false).</summary>
    public bool SkipsReviews { get; init; }

    /// <summary>True when blocks with sensitive actions wait for a review (contract: semantics 2.12, <c>sensitive_action_safe_mode</c>).</summary>
    public bool ReviewsSensitiveActions { get; init; }

    /// <summary>True for a run without effects, credentials and charges, whose blocks are answered from their schemas (decision 36).</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The values that replace those of a node's pins, or null.</summary>
    /// <param name="nodeId">A node id.</param>
    public PinValues? Mask(string nodeId) => Masks.GetValueOrDefault(nodeId);

    /// <summary>The inputs of the graph as the caller gave them, stored only to be shown with the run.</summary>
    public ImmutableDictionary<string, JsonElement> Inputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;
}

/// <summary>A starting node of a run, with its input.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Input">The resolved input by pin.</param>
public sealed record StartNode(string NodeId, PinValues Input);

/// <summary>The schedule that started a run, as far as the end of the run concerns it.</summary>
/// <param name="Id">The schedule.</param>
/// <param name="Name">Its name when the run was started.</param>
/// <param name="Buffers">True when one of its occurrences may wait for the end of the run.</param>
/// <param name="ByHand">True when its owner started the run, and not an occurrence. Runs that were stored before this was known have false.</param>
public sealed record RunSchedule(Guid Id, string Name, bool Buffers, bool ByHand = false);

/// <summary>The webhook that started a run.</summary>
/// <param name="Id">The webhook.</param>
/// <param name="DeliveryId">The delivery.</param>
public sealed record RunWebhook(Guid Id, Guid DeliveryId);

/// <summary>What started a run, as its user sees it (contract: upstream 2a, <c>trigger_source</c>).</summary>
public static class RunTriggers
{
    /// <summary>The user, through the API or the command line, or by "trigger now" of a schedule.</summary>
    public const string Manual = "manual";

    /// <summary>An occurrence of a schedule, also one that was made up for later.</summary>
    public const string Schedule = "schedule";

    /// <summary>A delivery of a webhook.</summary>
    public const string Webhook = "webhook";

    /// <summary>The source of a run; null for a sub-agent, whose parent was triggered in its place.</summary>
    /// <param name="schedule">The schedule of the run, or null.</param>
    /// <param name="parentRunId">The run that started it, or null.</param>
    /// <param name="webhook">The webhook of the run, or null.</param>
    public static string? SourceOf(RunSchedule? schedule, Guid? parentRunId, RunWebhook? webhook = null) =>
        parentRunId is not null ? null : webhook is not null ? Webhook : schedule is { ByHand: false } ? Schedule : Manual;
}
