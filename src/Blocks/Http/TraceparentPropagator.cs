using System.Diagnostics;

namespace Grainflow.Blocks.Http;

/// <summary>
/// Puts the W3C header <c>traceparent</c> on requests of blocks: the nearest span that somebody records, else the context that the
/// run was started with. Nothing else goes out, neither baggage nor <c>tracestate</c>: what callers of runs put there is not meant for
/// the services that blocks call. A header that a block sets itself stays.
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
        // Replies carry no context.
        traceId = null;
        traceState = null;
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;

    private static string? Context(Activity? activity)
    {
        // Without a source nobody records it, as with the client's own span of a request: a receiver would miss its parent.
        while (activity is { Source.Name.Length: 0, Parent: { } parent }) activity = parent;
        var context = activity is { Source.Name.Length: 0 } ? activity.ParentId : activity?.Id;
        return ActivityContext.TryParse(context, null, out _) ? context : null;
    }
}
