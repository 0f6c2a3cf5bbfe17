using System.Diagnostics;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Grains.Telemetry;

/// <summary>The source of the spans of this program. While spans are not recorded, a span costs one read of a field.</summary>
internal static class Spans
{
    public static readonly ActivitySource Source = new(Instrumentation.Name);

    /// <summary>Parses a trace context that is stored with a run. Null when the text is null or not a valid <c>traceparent</c>.</summary>
    public static ActivityContext? Read(string? traceParent) =>
        traceParent is not null && ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : null;

    /// <summary>
    /// Begins a span in a context and makes it the current one. When the span is not recorded, the context itself becomes current, so that outgoing calls
    /// still carry it. Without a context there is no current span.
    /// </summary>
    /// <param name="name">The name of the span.</param>
    /// <param name="traceParent">The context, or null.</param>
    /// <returns>The span, which the caller disposes at the end of the work; null without a context.</returns>
    public static Activity? Begin(string name, string? traceParent)
    {
        // The current span is of the call that happened to trigger this work, such as the end of another run that made room in the queue, and not its parent.
        if (Activity.Current is not null) Activity.Current = null;
        if (Read(traceParent) is not { } context) return null;
        return Source.StartActivity(name, ActivityKind.Internal, context)
            ?? new Activity(name).SetParentId(context.TraceId, context.SpanId, context.TraceFlags).Start();
    }

    /// <summary>Sets the status of a span. A failure is marked without its reason, which may contain data of the caller.</summary>
    /// <param name="span">The span, or null.</param>
    /// <param name="status">The contract's name of the status in which the work ended.</param>
    /// <param name="failed">Whether that status is a failure.</param>
    public static void End(Activity? span, string status, bool failed)
    {
        if (span is not { IsAllDataRequested: true }) return;
        span.SetTag("grainflow.status", status);
        if (failed) span.SetStatus(ActivityStatusCode.Error);
    }
}
