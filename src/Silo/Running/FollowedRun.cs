using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;

namespace Grainflow.Silo.Running;

/// <summary>A run that is watched: how far its log was read, and which node an execution belongs to.</summary>
internal sealed class FollowedRun(Guid runId, GraphIndex graph, RunSpec spec)
{
    private readonly GraphRun _replay = new(graph, spec, new RunLimits());
    private readonly Dictionary<Guid, string> _titles = [];

    public Guid RunId => runId;

    public GraphIndex Graph => graph;

    public RunSpec Spec => spec;

    public long Sequence { get; set; }

    public void Apply(RunEvent runEvent)
    {
        _replay.Apply(runEvent);
        if (runEvent is RunEvent.NodeDispatched { Attempt: 1 } dispatched && _replay.FindRunning(dispatched.NodeExecutionId) is { } execution)
            _titles[dispatched.NodeExecutionId] = NodeTitle.Of(graph, execution.NodeId);
    }

    public string Title(Guid nodeExecutionId) => _titles.GetValueOrDefault(nodeExecutionId, nodeExecutionId.ToString());
}
