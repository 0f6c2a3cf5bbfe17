using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>One execution of a node as the run sees it. Only <see cref="GraphRun"/> changes it.</summary>
public sealed class NodeExecution
{
    internal NodeExecution(Guid id, int ordinal, string nodeId, DateTimeOffset addedAt)
    {
        Id = id;
        Ordinal = ordinal;
        NodeId = nodeId;
        AddedAt = addedAt;
    }

    /// <summary>The id; the same for every attempt.</summary>
    public Guid Id { get; }

    /// <summary>Its place among the node executions of the run, from 0.</summary>
    public int Ordinal { get; }

    /// <summary>The node.</summary>
    public string NodeId { get; }

    /// <summary>Its state.</summary>
    public ExecutionStatus Status { get; internal set; } = ExecutionStatus.Incomplete;

    /// <summary>How often it was dispatched.</summary>
    public int Attempt { get; internal set; }

    /// <summary>How many attempts were lost because their process ended without a word. Attempts that were interrupted by a stop in order are not among them.</summary>
    public int LostAttempts { get; internal set; }

    /// <summary>The incarnation of the silo that has it, or null before the first dispatch.</summary>
    public string? Host { get; internal set; }

    /// <summary>The session that dispatched the current attempt (<see cref="RunOwner.Epoch"/>); 0 before the first.</summary>
    public long Epoch { get; internal set; }

    /// <summary>What has arrived, by raw pin name; the resolved input once it is queued.</summary>
    public PinValues Input { get; internal set; } = new(StringComparer.Ordinal);

    /// <summary>Whether <see cref="Input"/> had changed when the changes of the run were taken last; if not, it need not be stored again.</summary>
    public bool InputIsNew { get; internal set; }

    /// <summary>Credits to charge before its block starts.</summary>
    public long Price { get; internal set; }

    /// <summary>Credits charged.</summary>
    public long Charged { get; internal set; }

    /// <summary>When its first input arrived.</summary>
    public DateTimeOffset AddedAt { get; }

    /// <summary>When its input was complete, or null.</summary>
    public DateTimeOffset? QueuedAt { get; internal set; }

    /// <summary>When it was first dispatched, or null.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    /// <summary>When it completed or failed; null otherwise, also when it was terminated (contract: semantics 2.1).</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; internal set; }

    /// <summary>What it measured, or null before its end.</summary>
    public NodeStats? Stats { get; internal set; }

    /// <summary>Digests of what it emitted so far, in order, over all attempts. Emptied when it has ended and all was routed.</summary>
    internal List<OutputDigest> Emitted { get; } = [];

    /// <summary>Outputs that are not routed yet: the last ones of <see cref="Emitted"/>.</summary>
    internal Queue<(string Pin, JsonElement Value)> Backlog { get; } = new();

    /// <summary>Bytes of what has arrived from links, or stood in the input of a starting node.</summary>
    internal long ArrivedBytes { get; set; }

    /// <summary>The ordinal that the current attempt must report next.</summary>
    internal int NextOrdinal { get; set; }

    /// <summary>How many outputs earlier attempts left; a new attempt repeats these first.</summary>
    internal int Inherited { get; set; }

    /// <summary>True while the current attempt has only repeated what earlier ones left.</summary>
    internal bool Repeating { get; set; }

    /// <summary>True once the host of the current attempt has said that it stops and will not finish it.</summary>
    internal bool Interrupted { get; set; }

    /// <summary>True while a change of <see cref="Input"/> has not been taken.</summary>
    internal bool InputChanged { get; set; } = true;

    internal bool HasEnded => Status is not (ExecutionStatus.Incomplete or ExecutionStatus.Queued or ExecutionStatus.Running);
}
