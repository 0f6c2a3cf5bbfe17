using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Execution;

/// <summary>The warnings of the run.</summary>
public sealed partial class GraphRun
{
    private readonly WarningList _warnings = new();

    /// <summary>The failures of nodes of this run, for the warnings of its parent.</summary>
    private readonly WarningList _failures = new();

    /// <summary>The nodes with an execution that was queued, which have run unless the run ended early; null after a snapshot without this information.</summary>
    private HashSet<string>? _queuedNodes = new(StringComparer.Ordinal);

    /// <summary>The failures of its nodes and its own warnings, for the parent of this run; none for a run without parent.</summary>
    public RunWarnings WarningsForParent => _spec.ParentRunId is null
        ? RunWarnings.None
        : RunWarnings.Of(
            _failures.Items.Concat(Warnings.Items).Select(warning => warning.Within(_graph.Graph.Id, _graph.Graph.Name)),
            _failures.Omitted + Warnings.Omitted);

    private void Note(NodeExecution execution, RunEvent.NodeEnded ended)
    {
        var warnings = ended.Warnings ?? RunWarnings.None;
        var failed = ended.Status == ExecutionStatus.Failed && _spec.ParentRunId is not null;
        if (warnings.Count == 0 && !failed) return;
        var node = NodeTitle.Of(_graph, execution.NodeId);
        foreach (var warning in warnings.Items) _warnings.Add(warning.At(execution.NodeId, node));
        _warnings.Omit(warnings.Omitted);
        if (failed) _failures.Add(RunWarning.Failed(execution.NodeId, node, ended.Error));
    }

    /// <summary>
    /// The warnings of a run that ends now, or null. Nodes that never ran are among them only when the run is COMPLETED, because in a run that ended early nodes
    /// may wait on purpose.
    /// </summary>
    private RunWarnings? Losses(ExecutionStatus status)
    {
        var leftovers = 0;
        var neverRan = new List<RunWarning>();
        if (status == ExecutionStatus.Completed)
        {
            foreach (var node in _graph.Graph.Nodes)
            {
                if (!_waiting.TryGetValue(node.Id, out var waiting) || waiting.All.Count == 0) continue;
                if (_queuedNodes is null || _queuedNodes.Contains(node.Id)) leftovers += waiting.All.Count;
                else neverRan.Add(NeverRan(node, waiting.All));
            }
        }

        var losses = RunWarnings.Of(_warnings.Items.Concat(neverRan), _warnings.Omitted, leftovers);
        return losses == RunWarnings.None ? null : losses;
    }

    private RunWarning NeverRan(GraphNode node, IReadOnlyCollection<NodeExecution> waiting)
    {
        // A value goes to the first execution without a value on its pin. So a pin without a value on the first execution has none on the others either.
        var (missing, error) = UnstartedNodes.Missing(_graph, _spec, node, waiting.First().Input);
        return RunWarning.Waiting(node.Id, NodeTitle.Of(_graph, node.Id), [.. missing.Select(link => link.SinkName)], waiting.Count, error);
    }
}
