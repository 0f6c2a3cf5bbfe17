namespace Grainflow.Gateway.WebSockets;

/// <summary>A run that is followed for the subscribers of a user: its graph, and up to where its live events were sent. Changed under the lock of the <see cref="SubscriptionRegistry"/>.</summary>
internal sealed class FollowedRun(Guid runId, Guid? graphId)
{
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
}
