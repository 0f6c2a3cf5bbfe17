using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>One execution of a node in the state of a run. Only <see cref="GraphRun"/> changes it.</summary>
public sealed class NodeExecution
{
    internal NodeExecution(Guid id, int ordinal, string nodeId, DateTimeOffset addedAt)
    {
        Id = id;
        Ordinal = ordinal;
        NodeId = nodeId;
        AddedAt = addedAt;
    }

    /// <summary>The id, which all attempts share.</summary>
    public Guid Id { get; }

    /// <summary>The number among the node executions of the run, from 0.</summary>
    public int Ordinal { get; }

    /// <summary>The node.</summary>
    public string NodeId { get; }

    /// <summary>The status.</summary>
    public ExecutionStatus Status { get; internal set; } = ExecutionStatus.Incomplete;

    /// <summary>The number of the current attempt, from 1; 0 before the first dispatch.</summary>
    public int Attempt { get; internal set; }

    /// <summary>The current attempt.</summary>
    public AttemptId CurrentAttempt => new(Id, Attempt, Epoch);

    /// <summary>How many attempts were lost after they had begun. Attempts that were interrupted by a shutdown are not counted.</summary>
    public int LostAttempts { get; internal set; }

    /// <summary>True from the third attempt on, if the earlier ones were lost: it must run on a silo with nothing else of its run, if there is one.</summary>
    public bool IsIsolated => LostAttempts >= 2;

    /// <summary>
    /// Whether the block of the current attempt may have started. An effect-free node has begun when it is dispatched, every other one when its
    /// <see cref="RunEvent.NodeBegan"/> is in the log.
    /// </summary>
    public bool HasBegun { get; internal set; }

    /// <summary>The start of the current attempt that has begun; null before, and for an effect-free node that runs beside its run.</summary>
    public AttemptStart? Start { get; internal set; }

    /// <summary>The earliest time at which the current attempt may start, UTC; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; internal set; }

    /// <summary>
    /// The identity of the silo that runs the current attempt, or null before the first dispatch. Before the attempt has begun, the silo of the run that dispatched it.
    /// </summary>
    public string? Host { get; internal set; }

    /// <summary>The epoch of the session that dispatched the current attempt (<see cref="RunOwner.Epoch"/>); 0 before the first dispatch.</summary>
    public long Epoch { get; internal set; }

    /// <summary>The values that have arrived, by pin name of the links; from QUEUED on, the resolved input.</summary>
    public PinValues Input { get; internal set; } = new(StringComparer.Ordinal);

    /// <summary>Whether <see cref="Input"/> changed before the last call of <see cref="GraphRun.DrainChanges"/>; if not, it is stored already.</summary>
    public bool InputIsNew { get; internal set; }

    /// <summary>The price in credits, charged before its block starts.</summary>
    public long Price { get; internal set; }

    /// <summary>The credits charged.</summary>
    public long Charged { get; internal set; }

    /// <summary>When it was created, by the first input that arrived.</summary>
    public DateTimeOffset AddedAt { get; }

    /// <summary>When its input became complete, or null.</summary>
    public DateTimeOffset? QueuedAt { get; internal set; }

    /// <summary>When it was first dispatched, or null.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    /// <summary>When it completed or failed; null otherwise, also when it was terminated (contract: semantics 2.1).</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; internal set; }

    /// <summary>Its statistics, or null before its end.</summary>
    public NodeStats? Stats { get; internal set; }

    /// <summary>The digests of the outputs of all attempts so far, in order. Emptied when it has ended and all outputs are routed.</summary>
    internal List<OutputDigest> Emitted { get; } = [];

    /// <summary>The outputs that are not routed yet, which are the last ones of <see cref="Emitted"/>.</summary>
    internal Queue<(string Pin, JsonElement Value)> Backlog { get; } = new();

    /// <summary>The size in bytes of the values that arrived by links, or of the input of a starting node.</summary>
    internal long ArrivedBytes { get; set; }

    /// <summary>The ordinal of the output that the current attempt must report next.</summary>
    internal int NextOrdinal { get; set; }

    /// <summary>The number of outputs of earlier attempts, which the current attempt is expected to repeat.</summary>
    internal int Inherited { get; set; }

    /// <summary>True while all outputs of the current attempt repeat those of earlier ones.</summary>
    internal bool Repeating { get; set; }

    /// <summary>True once it has been queued again after a review.</summary>
    internal bool WasReviewed { get; set; }

    /// <summary>True once the silo of the current attempt has reported that it shuts down and does not finish the attempt.</summary>
    internal bool Interrupted { get; set; }

    /// <summary>True when <see cref="Input"/> changed since the last call of <see cref="GraphRun.DrainChanges"/>.</summary>
    internal bool InputChanged { get; set; } = true;

    internal bool HasEnded => Status is not (ExecutionStatus.Incomplete or ExecutionStatus.Queued or ExecutionStatus.Running);
}
