using System.Diagnostics.CodeAnalysis;

namespace Grainflow.Grains.Execution;

/// <summary>
/// The runs of one user that were admitted and that wait, within the limits of the user and of each graph (decision 24). Next is the oldest waiting run whose
/// graph has room. The work of a call does not grow with the number of runs that wait.
/// </summary>
/// <param name="perUser">How many runs may be admitted at once.</param>
/// <param name="perGraph">How many runs of one graph may be admitted at once.</param>
internal sealed class UserQueue(int perUser, int perGraph)
{
    private readonly Dictionary<Guid, Lane> _admitted = [];
    private readonly Dictionary<Guid, (Lane Lane, LinkedListNode<(long Place, Guid Run)> Node)> _waiting = [];
    private readonly Dictionary<Guid, Lane> _lanes = [];

    /// <summary>The graphs that have room and a waiting run, ordered by the place of the first run that waits for them.</summary>
    private readonly SortedDictionary<long, Lane> _open = [];

    private long _lastPlace;

    /// <summary>Whether runs wait.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    /// <summary>Whether a run is admitted.</summary>
    public bool IsAdmitted(Guid run) => _admitted.ContainsKey(run);

    /// <summary>Adds a run that is admitted already, whatever the limits are.</summary>
    public void AddAdmitted(Guid run, Guid graph)
    {
        var lane = LaneOf(graph);
        if (_admitted.TryAdd(run, lane)) Update(lane, lane.Admitted + 1);
    }

    /// <summary>Adds a run behind all that wait. Does nothing when it waits already.</summary>
    public void AddWaiting(Guid run, Guid graph)
    {
        if (_waiting.ContainsKey(run)) return;
        var lane = LaneOf(graph);
        _waiting.Add(run, (lane, lane.Waiting.AddLast((++_lastPlace, run))));
        Update(lane, lane.Admitted);
    }

    /// <summary>Removes a run, whether it was admitted or waits. Does nothing for an unknown one.</summary>
    public void Remove(Guid run)
    {
        if (_admitted.Remove(run, out var lane)) Update(lane, lane.Admitted - 1);
        if (!_waiting.Remove(run, out var place)) return;
        place.Lane.Waiting.Remove(place.Node);
        Update(place.Lane, place.Lane.Admitted);
    }

    /// <summary>Removes all runs.</summary>
    public void Clear()
    {
        _admitted.Clear();
        _waiting.Clear();
        _lanes.Clear();
        _open.Clear();
    }

    /// <summary>Admits the next run that the limits allow. False when there is none.</summary>
    public bool TryAdmit(out Guid run)
    {
        run = default;
        if (_admitted.Count >= perUser || !TryFirst(out var lane)) return false;
        run = lane.Waiting.First!.Value.Run;
        lane.Waiting.RemoveFirst();
        _waiting.Remove(run);
        _admitted.Add(run, lane);
        Update(lane, lane.Admitted + 1);
        return true;
    }

    private bool TryFirst([NotNullWhen(true)] out Lane? lane)
    {
        using var open = _open.GetEnumerator();
        lane = open.MoveNext() ? open.Current.Value : null;
        return lane is not null;
    }

    private Lane LaneOf(Guid graph)
    {
        if (!_lanes.TryGetValue(graph, out var lane)) _lanes.Add(graph, lane = new Lane(graph));
        return lane;
    }

    /// <summary>Sets how many runs of a graph are admitted, and lists the graph among the open ones or not.</summary>
    private void Update(Lane lane, int admitted)
    {
        lane.Admitted = admitted;
        if (lane.OpenAt is { } before) _open.Remove(before);
        lane.OpenAt = admitted < perGraph ? lane.Waiting.First?.Value.Place : null;
        if (lane.OpenAt is { } place) _open.Add(place, lane);
        if (admitted == 0 && lane.Waiting.Count == 0) _lanes.Remove(lane.Graph);
    }

    /// <summary>The runs of one graph.</summary>
    private sealed class Lane(Guid graph)
    {
        public Guid Graph { get; } = graph;

        public int Admitted { get; set; }

        public LinkedList<(long Place, Guid Run)> Waiting { get; } = [];

        /// <summary>The key of the graph among the open ones; null when it has no room or no run waits for it.</summary>
        public long? OpenAt { get; set; }
    }
}
