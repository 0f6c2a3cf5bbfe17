using System.Diagnostics;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Telemetry;

/// <summary>The spans of attempts at nodes. Their parent is the first span of the run.</summary>
internal static class NodeSpans
{
    /// <summary>Begins the span of an attempt and makes it current, so that outgoing calls of the block carry its context.</summary>
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

    /// <summary>Ends the span of an attempt whose end the run has recorded.</summary>
    /// <param name="span">The span, or null.</param>
    /// <param name="status">The contract's name of the status in which it ended.</param>
    public static void End(Activity? span, string status) => Spans.End(span, status, status == ExecutionStatus.Failed.Name());

    /// <summary>Ends the span of an attempt that is stale, interrupted or lost. The span of a later attempt shows how the node execution ended.</summary>
    /// <param name="span">The span, or null.</param>
    /// <param name="reason"><c>STALE</c>, <c>INTERRUPTED</c> or <c>LOST</c>.</param>
    public static void EndFailed(Activity? span, string reason) => Spans.End(span, reason, failed: true);

    /// <summary>The trace context for a run that this node starts: that of the current span, or the node's own when no span is recorded.</summary>
    public static string? Context(NodeWork work) => Activity.Current is { } span && span.Source == Spans.Source ? span.Id : work.TraceParent;
}
