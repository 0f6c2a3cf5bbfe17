using System.Diagnostics;

namespace Grainflow.Gateway.Telemetry;

/// <summary>The trace that a request belongs to.</summary>
internal static class RequestTrace
{
    /// <summary>
    /// The W3C context for what the request starts: the request's own span when somebody records those, else what the caller sent in
    /// <c>traceparent</c>; null without either, because an id that nobody knows is of no use.
    /// </summary>
    public static string? Context => Activity.Current is not { IdFormat: ActivityIdFormat.W3C } request ? null
        : request.Source.HasListeners() ? request.Id
        : request.ParentId;
}
