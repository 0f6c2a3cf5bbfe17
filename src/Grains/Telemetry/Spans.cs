using System.Diagnostics;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Grains.Telemetry;

/// <summary>Where the spans of this program come from. They cost a look at a field while nobody listens.</summary>
internal static class Spans
{
    public static readonly ActivitySource Source = new(Instrumentation.Name);

    /// <summary>A context as it is kept with a run; null for what is none, which is as good as no context.</summary>
    public static ActivityContext? Read(string? traceParent) =>
        traceParent is not null && ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : null;

    /// <summary>
    /// Begins a span in a context and makes it the current one. When nobody records it, the context itself becomes current all the
    /// same, so that it is passed on to whatever is called; without a context nothing is.
    /// </summary>
    /// <param name="name">The name of the span.</param>
    /// <param name="traceParent">The context, or null.</param>
    /// <returns>To be disposed at the end of the work; null when there is nothing to record and nothing to pass on.</returns>
    public static Activity? Begin(string name, string? traceParent)
    {
        // Whatever led here, such as a request that made room for this run, is not the cause of this work.
        if (Activity.Current is not null) Activity.Current = null;
        if (Read(traceParent) is not { } context) return null;
        return Source.StartActivity(name, ActivityKind.Internal, context)
            ?? new Activity(name).SetParentId(context.TraceId, context.SpanId, context.TraceFlags).Start();
    }

    /// <summary>Ends a span. What failed is marked as such, without its reason: that may hold what a caller gave.</summary>
    /// <param name="span">The span, or null.</param>
    /// <param name="status">How it ended, in the contract's words.</param>
    /// <param name="failed">Whether that is a failure.</param>
    public static void End(Activity? span, string status, bool failed)
    {
        if (span is not { IsAllDataRequested: true }) return;
        span.SetTag("grainflow.status", status);
        if (failed) span.SetStatus(ActivityStatusCode.Error);
    }
}
