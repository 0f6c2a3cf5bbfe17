using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>The routing of outputs to inputs (contract: semantics 2.5 "Routing order guarantee", 2.7, 2.8).</summary>
public sealed partial class GraphRun
{
    private void Emit(NodeExecution execution, string pin, JsonElement value, DateTimeOffset at)
    {
        execution.Emitted.Add(OutputDigest.Of(pin, value));
        execution.Backlog.Enqueue((pin, value));
        OpenBytes += JsonValues.CompactSize(value);
        if (ReferenceEquals(Lane(execution.NodeId).Peek(), execution)) RouteBacklog(execution, at);
    }

    /// <summary>Routes the executions of a node in their order: the outputs of one are routed after the one before it has ended and all its outputs are routed.</summary>
    private void Advance(Queue<NodeExecution> lane, DateTimeOffset at)
    {
        while (lane.TryPeek(out var first))
        {
            RouteBacklog(first, at);
            if (!first.HasEnded) return;
            lane.Dequeue();
            first.Emitted.Clear();
            first.Emitted.TrimExcess();
            OpenBytes -= first.ArrivedBytes;
        }
    }

    private void RouteBacklog(NodeExecution execution, DateTimeOffset at)
    {
        // A link may lead back to this node, but routing does not add outputs to this execution.
        while (execution.Backlog.TryDequeue(out var output))
        {
            var (pin, value) = output;
            OpenBytes -= JsonValues.CompactSize(value);
            foreach (var link in _graph.Outgoing(execution.NodeId)) Route(link, pin, value, at);
        }
    }

    private void Route(GraphLink link, string pin, JsonElement value, DateTimeOffset at)
    {
        if (DynamicPins.Select(pin, value, link) is not { } selected) return;
        // A null is delivered only when the output and the link have the same pin name, and not when it was selected from a value.
        if (selected.IsNull() && !string.Equals(pin, link.SourceName, StringComparison.Ordinal)) return;
        Deliver(link, selected, at);
    }

    private void Deliver(GraphLink link, JsonElement value, DateTimeOffset at)
    {
        var node = _graph.Node(link.SinkId);
        var waiting = Waiting(node.Id);
        var execution = waiting.ReserveFirstWithout(link.SinkName);
        if (execution is null)
        {
            waiting.Add(Create(node.Id, at));
            execution = waiting.ReserveFirstWithout(link.SinkName)!;
        }

        Touch(execution);
        execution.Input[link.SinkName] = value;
        var size = JsonValues.CompactSize(value);
        execution.ArrivedBytes += size;
        OpenBytes += size;
        execution.InputChanged = true;

        var arrived = new PinValues(execution.Input, StringComparer.Ordinal);
        FillStatic(node, arrived, _lastInput.GetValueOrDefault(node.Id));
        if (!TryComplete(execution, node, arrived, at, out var input)) return;
        if (!link.IsStatic) return;

        // A static value is also given to all other executions that wait, the newest first (semantics 2.7 step 9).
        foreach (var other in waiting.All.Reverse().ToList())
        {
            arrived = new PinValues(other.Input, StringComparer.Ordinal);
            FillStatic(node, arrived, input);
            TryComplete(other, node, arrived, at, out _);
        }
    }

    private void FillStatic(GraphNode node, PinValues arrived, PinValues? source)
    {
        if (source is null) return;
        foreach (var link in _graph.Incoming(node.Id))
        {
            if (!link.IsStatic || arrived.ContainsKey(link.SinkName)) continue;
            arrived[link.SinkName] = source.TryGetValue(link.SinkName, out var value) ? value : JsonValues.Null;
        }
    }

    private bool TryComplete(NodeExecution execution, GraphNode node, PinValues arrived, DateTimeOffset at, out PinValues? input)
    {
        if (_spec.Mask(node.Id) is { } mask)
            foreach (var (pin, value) in mask) arrived[pin] = value;
        if (!NodeInput.TryPrepare(_graph, node, arrived, resolve: true, out input, out _)) return false;
        Waiting(node.Id).Remove(execution);
        Enqueue(execution, input, at);
        return true;
    }

    private WaitingExecutions Waiting(string nodeId)
    {
        if (!_waiting.TryGetValue(nodeId, out var waiting)) _waiting.Add(nodeId, waiting = new WaitingExecutions());
        return waiting;
    }
}
