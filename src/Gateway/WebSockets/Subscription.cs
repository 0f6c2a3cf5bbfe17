using System.Diagnostics.CodeAnalysis;

namespace Grainflow.Gateway.WebSockets;

/// <summary>One socket on one channel, and from where on it gets events. Only its <see cref="UserFeed"/> changes it, under its lock.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The cancellation source has no timer, and its token is used after the end.")]
internal sealed class Subscription(ClientSocket socket, string channel, bool ofGraph, Guid? id)
{
    private readonly CancellationTokenSource _ended = new();

    public ClientSocket Socket { get; } = socket;

    /// <summary>The key of the channel, with the id as the client wrote it.</summary>
    public string Channel { get; } = channel;

    /// <summary>True for all runs of a graph, false for one run.</summary>
    public bool OfGraph { get; } = ofGraph;

    /// <summary>The run or the graph; null when the client's text is no id, so that nothing will ever come.</summary>
    public Guid? Id { get; } = id;

    /// <summary>How far the logs went when the subscription began: what follows is sent. A run that is not here began later, and is sent from its beginning.</summary>
    public Dictionary<Guid, long> Since { get; } = [];

    /// <summary>Events up to this number are not sent: the client has them.</summary>
    public long AfterSequence { get; set; }

    /// <summary>True while earlier events are read for it; new ones are found by that reading.</summary>
    public bool CatchesUp { get; set; }

    /// <summary>Cancelled at its end.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Whether it gets what follows from a fact of a log.</summary>
    public bool Wants(Guid runId, long logSequence) => !CatchesUp && logSequence > Since.GetValueOrDefault(runId, -1);

    /// <summary>Stops what is read for it, without waiting.</summary>
    public void End() => _ = _ended.CancelAsync();
}
