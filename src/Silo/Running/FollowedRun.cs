using System.Text.RegularExpressions;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;

namespace Grainflow.Silo.Running;

/// <summary>A run that is watched: how far its log was read, and which node an execution belongs to.</summary>
internal sealed partial class FollowedRun(Guid runId, GraphIndex graph, RunSpec spec)
{
    private readonly GraphRun _replay = new(graph, spec, new RunLimits());
    private readonly Dictionary<Guid, string> _titles = [];

    public Guid RunId => runId;

    public GraphIndex Graph => graph;

    public RunSpec Spec => spec;

    public long Sequence { get; set; }

    public void Apply(RunEvent fact)
    {
        _replay.Apply(fact);
        if (fact is RunEvent.NodeDispatched { Attempt: 1 } dispatched && _replay.FindRunning(dispatched.NodeExecutionId) is { } execution)
            _titles[dispatched.NodeExecutionId] = TitleOf(execution.NodeId);
    }

    public string Title(Guid nodeExecutionId) => _titles.GetValueOrDefault(nodeExecutionId, nodeExecutionId.ToString());

    private string TitleOf(string nodeId)
    {
        var node = graph.Node(nodeId);
        if (node.CustomizedName is { } title) return title;
        var block = Words().Replace((graph.FindBlock(nodeId)?.Name ?? node.BlockId).Replace("Block", "", StringComparison.Ordinal), " ").Trim();
        return node.PinName is { } name ? $"{block} '{name}'" : block;
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])", RegexOptions.None, 1000)]
    private static partial Regex Words();
}
