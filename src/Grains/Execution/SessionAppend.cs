using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>Facts on their way to the log.</summary>
/// <param name="Ahead">Node executions dispatched by them that may start at once (ADR 0014); all others only when this is durable.</param>
/// <param name="Durable">What becomes of them.</param>
internal readonly record struct SessionAppend(IReadOnlySet<Guid> Ahead, Task<CommitResult> Durable);
