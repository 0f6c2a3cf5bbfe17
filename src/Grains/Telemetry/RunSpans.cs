using System.Diagnostics;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Execution;

namespace Grainflow.Grains.Telemetry;

/// <summary>
/// The spans of a run. A short span records its creation and is the parent of all others, so that it is exported while the run goes on
/// and even when the process dies. The process that commits the end of the run records a span for the whole run, from its log.
/// </summary>
internal static class RunSpans
{
    /// <summary>Begins the span of a run's creation, in the context of the caller or as the root of a trace.</summary>
    /// <returns>The span, which the caller disposes when the run is stored; null when spans are not recorded.</returns>
    public static Activity? Begin(Guid runId, Graph graph, string? traceParent)
    {
        if (!Spans.Source.HasListeners()) return null;
        Activity.Current = null;
        var span = Spans.Source.StartActivity("graph_execution_start", ActivityKind.Producer, Spans.Read(traceParent) ?? default);
        if (span is { IsAllDataRequested: true }) Tag(span, runId, graph.Id, graph.Version);
        return span;
    }

    /// <summary>The trace context to store with the run: that of its first span, else that of its caller, else null.</summary>
    public static string? TraceParentToStore(Activity? span, string? traceParent)
    {
        if (span is not null) return span.Id;
        return Spans.Read(traceParent) is { } context ? $"00-{context.TraceId}-{context.SpanId}-{(int)context.TraceFlags:x2}" : null;
    }

    /// <summary>Records the span of a run whose end, or pause, is durable. It begins at the creation of the run, also when that was in another process.</summary>
    public static void RecordRun(RunSession session)
    {
        var spec = session.Spec;
        if (!Spans.Source.HasListeners() || Spans.Read(spec.TraceParent) is not { } context) return;
        using var span = Spans.Source.StartActivity("graph_execution", ActivityKind.Internal, context, tags: null, links: null, spec.CreatedAt);
        if (span is null) return;
        if (span.IsAllDataRequested)
        {
            Tag(span, spec.RunId, spec.GraphId, spec.GraphVersion);
            span.SetTag("grainflow.node_executions", session.Run.Stats.NodeExecCount);
            if (session.Run.StartedAt is { } started) span.AddEvent(new ActivityEvent("started", started));
        }

        Spans.End(span, session.Run.Status.Name(), session.Run.Status == ExecutionStatus.Failed);
        if (session.Run.EndedAt is { } ended) span.SetEndTime(ended.UtcDateTime);
    }

    private static void Tag(Activity span, Guid runId, string graphId, int version) =>
        span.SetTag("grainflow.run_id", runId.ToString()).SetTag("grainflow.graph_id", graphId).SetTag("grainflow.graph_version", version);
}
