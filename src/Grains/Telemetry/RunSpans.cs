using System.Diagnostics;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Execution;

namespace Grainflow.Grains.Telemetry;

/// <summary>
/// The spans of a run. Its beginning is a short span of its own, below which all else hangs: it is there while the run goes on,
/// and still is when the process dies. The run as a whole is told at its end, from its log, by whichever process sees that.
/// </summary>
internal static class RunSpans
{
    /// <summary>Begins the span of a run's creation, in the context of the caller or as the root of a trace.</summary>
    /// <returns>To be disposed when the run is stored; null when nobody listens.</returns>
    public static Activity? Begin(Guid runId, Graph graph, string? traceParent)
    {
        if (!Spans.Source.HasListeners()) return null;
        Activity.Current = null;
        var span = Spans.Source.StartActivity("graph_execution_start", ActivityKind.Producer, Spans.Read(traceParent) ?? default);
        if (span is { IsAllDataRequested: true }) Tag(span, runId, graph.Id, graph.Version);
        return span;
    }

    /// <summary>The context to keep with the run: that of its first span, else that of its caller, so that it is passed on; null without either.</summary>
    public static string? Kept(Activity? span, string? traceParent)
    {
        if (span is not null) return span.Id;
        return Spans.Read(traceParent) is { } context ? $"00-{context.TraceId}-{context.SpanId}-{(int)context.TraceFlags:x2}" : null;
    }

    /// <summary>Tells of a run whose end, or pause, is durable: from its creation on, whatever happened to processes in between.</summary>
    public static void Ended(RunSession session)
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
