using System.Diagnostics;

namespace Grainflow.Blocks.Http;

/// <summary>
/// Adds the W3C header <c>traceparent</c> to requests of blocks: the nearest span that a listener records, else the context that the
/// run was started with. Neither baggage nor <c>tracestate</c> is sent, because the callers of runs did not write them for the services
/// that blocks call. A <c>traceparent</c> header of the block itself is kept.
/// </summary>
public sealed class TraceparentPropagator : DistributedContextPropagator
{
    private const string Header = "traceparent";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields { get; } = [Header];

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (setter is not null && Context(activity) is { } context) setter(carrier, Header, context);
    }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        // Only servers extract a context; this propagator serves a client.
        traceId = null;
        traceState = null;
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;

    private static string? Context(Activity? activity)
    {
        // An activity without a source, such as the HTTP client's own, is recorded by no listener. As parent it would be missing in the
        // receiver's trace.
        while (activity is { Source.Name.Length: 0, Parent: { } parent }) activity = parent;
        var context = activity is { Source.Name.Length: 0 } ? activity.ParentId : activity?.Id;
        return ActivityContext.TryParse(context, null, out _) ? context : null;
    }
}
