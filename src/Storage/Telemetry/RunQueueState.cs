namespace Grainflow.Storage.Telemetry;

/// <summary>The runs that wait for their turn.</summary>
/// <param name="Depth">How many.</param>
/// <param name="Oldest">Since when the one waits that waits longest; null when none waits.</param>
public sealed record RunQueueState(long Depth, DateTimeOffset? Oldest);
