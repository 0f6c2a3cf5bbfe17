namespace Grainflow.Storage.Hosting;

/// <summary>One life of a process that runs nodes.</summary>
/// <param name="Incarnation">The life.</param>
/// <param name="Name">A name for people.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="HeartbeatAt">When it was last known to be alive.</param>
public sealed record HostRow(Guid Incarnation, string Name, DateTimeOffset StartedAt, DateTimeOffset HeartbeatAt);
