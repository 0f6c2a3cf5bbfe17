using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// From the facts of a run to the events that clients see (contract: websocket, "When events appear"; semantics 7.3). Nothing
/// but the facts goes in, so every gateway, whenever it reads the log, finds the same events with the same numbers.
/// </summary>
internal sealed class EventProjection
{
    private readonly GraphRun _run;
    private readonly Dictionary<Guid, List<KeyValuePair<string, JsonElement>>> _outputs = [];

    /// <summary>What clients last saw of a node execution: its status and how many inputs it had.</summary>
    private readonly Dictionary<Guid, (ExecutionStatus Status, int Inputs)> _shown = [];

    /// <summary>Executions of Output nodes by their place in the run.</summary>
    private readonly SortedDictionary<int, FinishedNode> _results = [];

    private readonly Dictionary<Guid, NodeExecution> _open = [];

    /// <summary>Node executions that ended with the last fact: their outputs are still to be shown, once.</summary>
    private readonly List<Guid> _closed = [];

    public EventProjection(WatchedRun watched)
    {
        Watched = watched;
        // The limits decide, and here nothing is decided.
        _run = new GraphRun(watched.Graph, watched.Spec, new RunLimits());
        var events = ImmutableArray.CreateBuilder<LiveEvent>();
        Add(events, null);
        AddChanges(events);
        Beginning = events.ToImmutable();
    }

    public WatchedRun Watched { get; }

    /// <summary>The events of a run that was stored and waits.</summary>
    public ImmutableArray<LiveEvent> Beginning { get; }

    /// <summary>The number of the last event so far.</summary>
    public long Sequence { get; private set; }

    /// <summary>The last fact that was applied; 0 before the first.</summary>
    public long LogSequence { get; private set; }

    public ExecutionStatus Status => _run.Status;

    public GraphRun Run => _run;

    /// <summary>The results so far; none of a run that was stopped (contract: websocket, "Events sent by the stop path").</summary>
    public OrderedDictionary<string, List<JsonElement>> Results() =>
        Status == ExecutionStatus.Terminated ? [] : GraphResults.Outputs(_results.Values);

    /// <summary>What a node execution emitted so far, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> OutputsOf(Guid nodeExecutionId) => _outputs.GetValueOrDefault(nodeExecutionId) ?? [];

    /// <summary>The events that follow from the next fact of the log.</summary>
    public ImmutableArray<LiveEvent> Apply(long logSequence, RunEvent fact)
    {
        foreach (var id in _closed) _outputs.Remove(id);
        _closed.Clear();
        LogSequence = logSequence;
        _run.Apply(fact);

        var events = ImmutableArray.CreateBuilder<LiveEvent>();
        switch (fact)
        {
            case RunEvent.Started:
                Add(events, null);
                AddChanges(events);
                break;
            case RunEvent.NodeOutput output:
                Emitted(output.NodeExecutionId, output.Pin, output.Value);
                if (_open.TryGetValue(output.NodeExecutionId, out var emitter)) Add(events, emitter);
                AddChanges(events);
                break;
            case RunEvent.NodeEnded ended:
                if (ended.Status == ExecutionStatus.Failed) Emitted(ended.NodeExecutionId, "error", JsonValues.From(ended.Error ?? ""));
                AddChanges(events, first: ended.NodeExecutionId);
                Add(events, null);
                break;
            case RunEvent.Ended:
                AddChanges(events);
                Add(events, null);
                break;
            default:
                AddChanges(events);
                break;
        }

        return events.ToImmutable();
    }

    private void Emitted(Guid nodeExecutionId, string pin, JsonElement value)
    {
        if (!_outputs.TryGetValue(nodeExecutionId, out var outputs)) _outputs.Add(nodeExecutionId, outputs = []);
        outputs.Add(KeyValuePair.Create(pin, value));
        if (_open.TryGetValue(nodeExecutionId, out var execution)) KeepResult(execution);
    }

    private void AddChanges(ImmutableArray<LiveEvent>.Builder events, Guid first = default)
    {
        foreach (var execution in _run.DrainChanges().OrderBy(execution => execution.Id != first))
        {
            KeepResult(execution);
            var seen = (execution.Status, execution.Input.Count);
            if (_shown.TryGetValue(execution.Id, out var before) && before == seen) continue;
            if (execution.Status is ExecutionStatus.Incomplete or ExecutionStatus.Queued or ExecutionStatus.Running)
            {
                _shown[execution.Id] = seen;
                _open[execution.Id] = execution;
            }
            else
            {
                _shown.Remove(execution.Id);
                _open.Remove(execution.Id);
                _closed.Add(execution.Id);
            }

            Add(events, execution);
        }
    }

    private void KeepResult(NodeExecution execution)
    {
        if (Watched.Graph.FindBlock(execution.NodeId)?.Kind != BlockKind.Output) return;
        _results[execution.Ordinal] = new FinishedNode(execution.NodeId, execution.Status, execution.QueuedAt, JsonValues.Object(execution.Input), [.. OutputsOf(execution.Id)]);
    }

    private void Add(ImmutableArray<LiveEvent>.Builder events, NodeExecution? node) => events.Add(new LiveEvent(++Sequence, LogSequence, node));
}
