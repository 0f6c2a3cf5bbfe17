namespace Grainflow.Storage.Telemetry;

/// <summary>The runs that are queued.</summary>
/// <param name="Depth">Their number.</param>
/// <param name="Oldest">The time since when the first of them waits; null when none is queued.</param>
public sealed record RunQueueState(long Depth, DateTimeOffset? Oldest);
