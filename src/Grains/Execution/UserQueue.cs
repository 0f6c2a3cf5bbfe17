namespace Grainflow.Grains.Execution;

/// <summary>
/// The runs of one user that were admitted and that wait, within the limits of the user and of each graph (decision 24). Next is the oldest waiting run whose
/// graph has room. Paced runs have a limit of their own beside these. The work of a call does not grow with the number of runs that wait.
/// </summary>
/// <param name="perUser">How many runs may be admitted at once.</param>
/// <param name="perGraph">How many runs of one graph may be admitted at once.</param>
/// <param name="paced">How many paced runs may be admitted at once; 0 for no limit of their own.</param>
internal sealed class UserQueue(int perUser, int perGraph, int paced = 0)
{
    private readonly Dictionary<Guid, Lane> _admitted = [];
    private readonly Dictionary<Guid, (Lane Lane, LinkedListNode<(long Place, Guid Run)> Node)> _waiting = [];
    private readonly Dictionary<Guid, GraphRuns> _graphs = [];

    /// <summary>The lanes of graphs that have room and a waiting run, ordered by the place of the first run that waits in them.</summary>
    private readonly SortedDictionary<long, Lane> _open = [];

    private long _lastPlace;
    private int _pacedAdmitted;
    private int _pacedWaiting;

    /// <summary>Whether runs wait.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    /// <summary>Whether paced runs wait.</summary>
    public bool HasPacedWaiting => _pacedWaiting > 0;

    /// <summary>Whether a run is admitted.</summary>
    public bool IsAdmitted(Guid run) => _admitted.ContainsKey(run);

    /// <summary>Adds a run that is admitted already, whatever the limits are.</summary>
    public void AddAdmitted(Guid run, Guid graph, bool isPaced = false)
    {
        var lane = LaneOf(graph, isPaced);
        if (_admitted.TryAdd(run, lane)) Admit(lane, 1);
    }

    /// <summary>Adds a run behind all that wait. Does nothing when it waits already.</summary>
    public void AddWaiting(Guid run, Guid graph, bool isPaced = false)
    {
        if (_waiting.ContainsKey(run)) return;
        var lane = LaneOf(graph, isPaced);
        _waiting.Add(run, (lane, lane.Waiting.AddLast((++_lastPlace, run))));
        if (isPaced) _pacedWaiting++;
        Update(lane.Graph);
    }

    /// <summary>Removes a run, whether it was admitted or waits. Does nothing for an unknown one.</summary>
    public void Remove(Guid run)
    {
        if (_admitted.Remove(run, out var lane)) Admit(lane, -1);
        if (!_waiting.TryGetValue(run, out var place)) return;
        place.Lane.Waiting.Remove(place.Node);
        Leave(run, place.Lane);
        Update(place.Lane.Graph);
    }

    /// <summary>Removes all runs.</summary>
    public void Clear()
    {
        _admitted.Clear();
        _waiting.Clear();
        _graphs.Clear();
        _open.Clear();
        (_pacedAdmitted, _pacedWaiting) = (0, 0);
    }

    /// <summary>Admits the next run that the limits allow. False when there is none.</summary>
    /// <param name="mayPaced">False to leave paced runs waiting for now.</param>
    /// <param name="run">The run.</param>
    /// <param name="isPaced">Whether it is paced.</param>
    public bool TryAdmit(bool mayPaced, out Guid run, out bool isPaced)
    {
        (run, isPaced) = (default, false);
        if (_admitted.Count >= perUser) return false;
        var hasRoomForPaced = mayPaced && (paced == 0 || _pacedAdmitted < paced);
        foreach (var lane in _open.Values)
        {
            if (lane.IsPaced && !hasRoomForPaced) continue;
            (run, isPaced) = (lane.Waiting.First!.Value.Run, lane.IsPaced);
            lane.Waiting.RemoveFirst();
            Leave(run, lane);
            _admitted.Add(run, lane);
            Admit(lane, 1);
            return true;
        }

        return false;
    }

    private Lane LaneOf(Guid graph, bool isPaced)
    {
        if (!_graphs.TryGetValue(graph, out var runs)) _graphs.Add(graph, runs = new GraphRuns(graph));
        return isPaced ? runs.Paced : runs.Usual;
    }

    private void Leave(Guid run, Lane lane)
    {
        _waiting.Remove(run);
        if (lane.IsPaced) _pacedWaiting--;
    }

    private void Admit(Lane lane, int change)
    {
        lane.Graph.Admitted += change;
        if (lane.IsPaced) _pacedAdmitted += change;
        Update(lane.Graph);
    }

    /// <summary>Lists the lanes of a graph among the open ones or not.</summary>
    private void Update(GraphRuns graph)
    {
        foreach (var lane in (ReadOnlySpan<Lane>)[graph.Usual, graph.Paced])
        {
            if (lane.OpenAt is { } before) _open.Remove(before);
            lane.OpenAt = graph.Admitted < perGraph ? lane.Waiting.First?.Value.Place : null;
            if (lane.OpenAt is { } place) _open.Add(place, lane);
        }

        if (graph.Admitted == 0 && graph.Usual.Waiting.Count == 0 && graph.Paced.Waiting.Count == 0) _graphs.Remove(graph.Id);
    }

    /// <summary>The runs of one graph, which have one limit.</summary>
    private sealed class GraphRuns
    {
        public GraphRuns(Guid id) => (Id, Usual, Paced) = (id, new Lane(this, isPaced: false), new Lane(this, isPaced: true));

        public Guid Id { get; }

        public Lane Usual { get; }

        public Lane Paced { get; }

        public int Admitted { get; set; }
    }

    /// <summary>The runs of one graph that wait, paced ones and all others apart.</summary>
    private sealed class Lane(GraphRuns graph, bool isPaced)
    {
        public GraphRuns Graph { get; } = graph;

        public bool IsPaced { get; } = isPaced;

        public LinkedList<(long Place, Guid Run)> Waiting { get; } = [];

        /// <summary>The key of the lane among the open ones; null when its graph has no room or no run waits in it.</summary>
        public long? OpenAt { get; set; }
    }
}
