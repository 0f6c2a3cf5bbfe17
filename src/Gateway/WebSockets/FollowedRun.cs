using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Gateway.WebSockets;

/// <summary>A run that is followed for the subscribers of a user: its graph, and up to where its live events were sent. Changed under the lock of the <see cref="SubscriptionRegistry"/>.</summary>
internal sealed class FollowedRun(Guid runId, Guid? graphId)
{
    /// <summary>How many partial texts wait for their nodes to be shown as running.</summary>
    private const int MostEarly = 16;

    private readonly HashSet<Guid> _running = [];
    private readonly Dictionary<Guid, PartialOutput> _early = [];
    private long _position = -1;

    public Guid RunId { get; } = runId;

    /// <summary>The graph of the run; null while only its id is known, until the run was read.</summary>
    public Guid? GraphId { get; set; } = graphId;

    /// <summary>The last logged event whose live events were sent; 0 after those of the stored run, -1 before. May be read without the lock.</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    /// <summary>True when its last live event was sent.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether the last event that was sent of a node execution shows it as running. Only then may a partial text of it be shown: it may be late.</summary>
    public bool IsRunning(Guid nodeExecutionId) => _running.Contains(nodeExecutionId);

    /// <summary>Keeps the text of a node execution that is not shown as running: its event may be on its way. Of many, later ones are dropped.</summary>
    public void Keep(PartialOutput partial)
    {
        if (_early.Count < MostEarly || _early.ContainsKey(partial.NodeExecutionId)) _early[partial.NodeExecutionId] = partial;
    }

    /// <summary>Notes that an event of a node execution was sent.</summary>
    /// <returns>The text that waited for it, or null.</returns>
    public PartialOutput? Shown(NodeExecution node)
    {
        if (node.Status == ExecutionStatus.Running) return _running.Add(node.Id) && _early.Remove(node.Id, out var early) ? early : null;
        _running.Remove(node.Id);
        if (node.Status.IsFinal()) _early.Remove(node.Id);
        return null;
    }
}
