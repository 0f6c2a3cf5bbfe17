using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Projection;

/// <summary>
/// Turns the log of a run into the live events that clients get (contract: websocket, "When events appear"; semantics 7.3). The result depends on the log alone,
/// so every reader of the log computes the same live events with the same numbers. Not thread-safe.
/// </summary>
public sealed class RunProjection
{
    private readonly GraphRun _run;
    private readonly EventLimits _limits;
    private readonly HeldBytes _held = new();
    private readonly HeldOutputs _results;
    private readonly Dictionary<Guid, OpenNode> _open = [];
    private ReadOnlyMemory<byte>? _shortInputs;
    private int _runEvents;

    /// <summary>Begins with the run as it was stored, before its log.</summary>
    /// <param name="run">The run.</param>
    /// <param name="limits">How much of inputs and outputs live events show.</param>
    public RunProjection(ProjectedRun run, EventLimits limits)
    {
        Source = run;
        _limits = limits;
        _results = new HeldOutputs(limits, _held);
        // Events are only applied here. The limits of a run matter to decisions, which are made elsewhere.
        _run = new GraphRun(run.Graph, run.Spec, new RunLimits());
        var events = ImmutableArray.CreateBuilder<ProjectedEvent>();
        AddRun(events);
        AddChanges(events);
        Beginning = events.ToImmutable();
    }

    /// <summary>The run besides its log.</summary>
    public ProjectedRun Source { get; }

    /// <summary>The live events of the run as it was stored.</summary>
    public ImmutableArray<ProjectedEvent> Beginning { get; }

    /// <summary>The number of the last live event so far.</summary>
    public long Sequence { get; private set; }

    /// <summary>The sequence number of the last event of the log that was applied; 0 before the first.</summary>
    public long LogSequence { get; private set; }

    /// <summary>The state after that event. The caller must not change it.</summary>
    public GraphRun Run => _run;

    /// <summary>Applies the next event of the log and returns the live events that follow from it.</summary>
    /// <param name="logSequence">Its sequence number.</param>
    /// <param name="runEvent">The event.</param>
    /// <exception cref="InvalidOperationException">The event does not fit the state: the log is not of this run, or of other block definitions.</exception>
    public ImmutableArray<ProjectedEvent> Apply(long logSequence, RunEvent runEvent)
    {
        LogSequence = logSequence;
        _run.Apply(runEvent);

        var events = ImmutableArray.CreateBuilder<ProjectedEvent>();
        switch (runEvent)
        {
            case RunEvent.Started or RunEvent.Reviewed:
                AddRun(events);
                AddChanges(events);
                break;
            case RunEvent.NodeOutput output:
                if (_open.TryGetValue(output.NodeExecutionId, out var emitter))
                {
                    Emit(emitter, output.Pin, output.Value);
                    AddNode(events, emitter, complete: false);
                }

                AddChanges(events);
                break;
            case RunEvent.NodeEnded ended:
                if (ended.Status == ExecutionStatus.Failed && _open.TryGetValue(ended.NodeExecutionId, out var failed))
                    Emit(failed, "error", JsonValues.From(ended.Error ?? ""));
                AddChanges(events, first: ended.NodeExecutionId);
                AddRun(events);
                break;
            case RunEvent.Ended:
                AddChanges(events);
                AddRun(events);
                break;
            default:
                AddChanges(events);
                break;
        }

        return events.ToImmutable();
    }

    private void Emit(OpenNode node, string pin, JsonElement value)
    {
        node.Outputs.Add((default, node.Emitted++), pin, value);
        if (node.IsResult && node.Formatted is null && GraphResults.IsFormatted(pin)) node.Formatted = value;
        HoldResult(node);
    }

    private void AddChanges(ImmutableArray<ProjectedEvent>.Builder events, Guid first = default)
    {
        foreach (var execution in _run.DrainChanges().OrderBy(execution => execution.Id != first))
        {
            if (!_open.TryGetValue(execution.Id, out var node))
            {
                var isResult = Source.Graph.FindBlock(execution.NodeId)?.Kind == BlockKind.Output;
                _open.Add(execution.Id, node = new OpenNode(execution, isResult, new HeldOutputs(_limits, _held)));
            }

            HoldResult(node);
            var seen = (execution.Status, execution.Input.Count);
            var ended = execution.Status is not (ExecutionStatus.Incomplete or ExecutionStatus.Queued or ExecutionStatus.Running);
            if (node.Seen != seen)
            {
                node.Seen = seen;
                node.ShortInputs = null;
                AddNode(events, node, complete: ended);
            }

            if (!ended) continue;
            node.Outputs.Release();
            _open.Remove(execution.Id);
        }
    }

    private void HoldResult(OpenNode node)
    {
        if (!node.IsResult || GraphResults.Find(node.Execution.Status, name => Input(node.Execution, name), node.Formatted) is not { } result) return;
        if (node.Result is null) node.Result = _results.Add((node.Execution.QueuedAt ?? DateTimeOffset.MaxValue, node.Execution.Ordinal), result.Name, result.Value);
        else if (result.IsFormatted && !node.ResultIsFormatted) _results.Set(node.Result, result.Value);
        node.ResultIsFormatted = result.IsFormatted;
    }

    private static JsonElement? Input(NodeExecution execution, string pin) => execution.Input.TryGetValue(pin, out var value) ? value : null;

    private void AddNode(ImmutableArray<ProjectedEvent>.Builder events, OpenNode node, bool complete)
    {
        complete |= ++node.Events <= _limits.CompleteEvents;
        if (!complete && node.ShortInputs is null && IsLong(node.Execution.Input.Values)) node.ShortInputs = Shortening.Write(JsonValues.Object(node.Execution.Input), _limits.BriefBytes, out _);
        events.Add(new ProjectedEvent(++Sequence, LogSequence, node.Execution, complete ? null : node.ShortInputs, node.Outputs.Show(complete)));
    }

    private void AddRun(ImmutableArray<ProjectedEvent>.Builder events)
    {
        var complete = ++_runEvents <= _limits.CompleteEvents || _run.Status.IsFinal();
        if (!complete && _shortInputs is null && IsLong([Source.Inputs])) _shortInputs = Shortening.Write(Source.Inputs, _limits.BriefBytes, out _);
        // The events of a stopped run show no outputs (contract: websocket, "Events sent by the stop path").
        var outputs = _run.Status == ExecutionStatus.Terminated ? ShownOutputs.None : _results.Show(complete);
        events.Add(new ProjectedEvent(++Sequence, LogSequence, null, complete ? null : _shortInputs, outputs));
    }

    private bool IsLong(IEnumerable<JsonElement> values) => values.Sum(value => (long)JsonValues.CompactSize(value)) > _limits.BriefBytes;

    /// <summary>A node execution that has not ended, and what its live events have shown.</summary>
    private sealed class OpenNode(NodeExecution execution, bool isResult, HeldOutputs outputs)
    {
        public NodeExecution Execution { get; } = execution;

        /// <summary>True for an execution of an Output node.</summary>
        public bool IsResult { get; } = isResult;

        public HeldOutputs Outputs { get; } = outputs;

        public int Emitted { get; set; }

        /// <summary>The status and the number of inputs in its last event.</summary>
        public (ExecutionStatus Status, int Inputs)? Seen { get; set; }

        public int Events { get; set; }

        /// <summary>Its shortened inputs; null when they are short enough, or before its first brief event.</summary>
        public ReadOnlyMemory<byte>? ShortInputs { get; set; }

        /// <summary>The first formatted value that an Output node emitted, or null.</summary>
        public JsonElement? Formatted { get; set; }

        public HeldOutput? Result { get; set; }

        public bool ResultIsFormatted { get; set; }
    }
}
