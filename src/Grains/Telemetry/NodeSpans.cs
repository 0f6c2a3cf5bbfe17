using System.Diagnostics;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Telemetry;

/// <summary>The spans of attempts at nodes, below the first span of their run.</summary>
internal static class NodeSpans
{
    /// <summary>Begins the span of an attempt. What the block calls is given its context.</summary>
    public static Activity? Begin(NodeWork work, Guid nodeExecutionId, string block)
    {
        var span = Spans.Begin("node_execution", work.TraceParent);
        if (span is not { IsAllDataRequested: true } || span.Source != Spans.Source) return span;
        return span
            .SetTag("grainflow.run_id", work.RunId.ToString())
            .SetTag("grainflow.node_id", work.NodeId)
            .SetTag("grainflow.node_execution_id", nodeExecutionId.ToString())
            .SetTag("grainflow.block", block)
            .SetTag("grainflow.attempt", work.Attempt);
    }

    /// <summary>The attempt has ended, and the run has taken its end.</summary>
    /// <param name="span">The span, or null.</param>
    /// <param name="status">How, in the contract's words.</param>
    public static void End(Activity? span, string status) => Spans.End(span, status, status == ExecutionStatus.Failed.Name());

    /// <summary>The attempt no longer counts, or was interrupted: what became of the node execution is told by a later one.</summary>
    /// <param name="span">The span, or null.</param>
    /// <param name="reason"><c>STALE</c>, <c>INTERRUPTED</c> or <c>LOST</c>.</param>
    public static void Leave(Activity? span, string reason) => Spans.End(span, reason, failed: true);

    /// <summary>The context for a run that the node of this flow starts: its span's, or the one that was to be passed on.</summary>
    public static string? Context(NodeWork work) => Activity.Current is { } span && span.Source == Spans.Source ? span.Id : work.TraceParent;
}
