using System.Diagnostics.CodeAnalysis;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// One socket on one channel, and which live events it gets. After it was added, it is changed under the lock of the <see cref="SubscriptionRegistry"/> only; while
/// <see cref="CatchesUp"/> is set, for <see cref="CatchUp"/> only.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The cancellation source has no timer, and its token is read after the end.")]
internal sealed class Subscription(ClientSocket socket, string channel, bool ofGraph, Guid? id)
{
    private readonly CancellationTokenSource _ended = new();

    public ClientSocket Socket { get; } = socket;

    /// <summary>The key of the channel, with the id as the client wrote it.</summary>
    public string Channel { get; } = channel;

    /// <summary>True for all runs of a graph, false for one run.</summary>
    public bool OfGraph { get; } = ofGraph;

    /// <summary>The run or the graph; null when the client's text for a graph is no id, so that no event can follow.</summary>
    public Guid? Id { get; } = id;

    /// <summary>
    /// The last logged event of each run when the subscription began: live events that follow from later ones are sent. A run that is not listed began later, and all
    /// its live events are sent.
    /// </summary>
    public Dictionary<Guid, long> Since { get; } = [];

    /// <summary>Live events up to this number are not sent, because the client has them.</summary>
    public long AfterSequence { get; set; }

    /// <summary>True while earlier live events are read for it. That reading finds also those that follow meanwhile.</summary>
    public bool CatchesUp { get; set; }

    /// <summary>Whether the client wants texts of the run while they are made.</summary>
    public bool WantsPartial { get; set; }

    /// <summary>Cancelled when the subscription ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>True after <see cref="End"/>.</summary>
    public bool HasEnded => _ended.IsCancellationRequested;

    /// <summary>Whether it gets the live events that follow from a logged event.</summary>
    public bool Wants(Guid runId, long logSequence) => !CatchesUp && logSequence > Since.GetValueOrDefault(runId, -1);

    /// <summary>Ends what is read for it, without waiting for that.</summary>
    public void End() => _ = _ended.CancelAsync();
}
