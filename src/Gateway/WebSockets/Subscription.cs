using System.Diagnostics.CodeAnalysis;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// One socket on one channel, and which events it gets. Changed under the lock of the <see cref="SubscriptionRegistry"/>; while <see cref="CatchesUp"/> is set, by
/// <see cref="CatchUp"/> alone.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The cancellation source has no timer, and its token is used after the end.")]
internal sealed class Subscription(ClientSocket socket, string channel, bool ofGraph, Guid? id)
{
    private readonly CancellationTokenSource _ended = new();

    public ClientSocket Socket { get; } = socket;

    /// <summary>The key of the channel, with the id as the client wrote it.</summary>
    public string Channel { get; } = channel;

    /// <summary>True for all runs of a graph, false for one run.</summary>
    public bool OfGraph { get; } = ofGraph;

    /// <summary>The run or the graph; null when the client's text is not an id of a graph, so that no event will ever come.</summary>
    public Guid? Id { get; } = id;

    /// <summary>The last fact of each run when the subscription began: events that follow from later ones are sent. A run that is not listed began later, and all its events are sent.</summary>
    public Dictionary<Guid, long> Since { get; } = [];

    /// <summary>Events up to this number are not sent, because the client has them.</summary>
    public long AfterSequence { get; set; }

    /// <summary>True while earlier events are read for it. Those that come meanwhile are found by that reading.</summary>
    public bool CatchesUp { get; set; }

    /// <summary>Cancelled when the subscription ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Whether it gets the events that follow from a fact of a log.</summary>
    public bool Wants(Guid runId, long logSequence) => !CatchesUp && logSequence > Since.GetValueOrDefault(runId, -1);

    /// <summary>Stops what is read for it, without waiting.</summary>
    public void End() => _ = _ended.CancelAsync();
}
