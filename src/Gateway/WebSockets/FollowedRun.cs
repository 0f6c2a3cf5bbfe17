namespace Grainflow.Gateway.WebSockets;

/// <summary>A run that is followed for the subscribers of a user: its graph, and how far its events were sent. Changed under the lock of the <see cref="SubscriptionRegistry"/>.</summary>
internal sealed class FollowedRun(Guid runId, Guid? graphId)
{
    private long _position = -1;

    public Guid RunId { get; } = runId;

    /// <summary>The graph of the run; null until the run was read, when only its id was known.</summary>
    public Guid? GraphId { get; set; } = graphId;

    /// <summary>The last fact of the log whose events were sent; 0 when those of the stored run were, -1 before. May be read without the lock.</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }
}
