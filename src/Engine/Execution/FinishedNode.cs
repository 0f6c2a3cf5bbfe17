using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>A node execution as readers see it.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Status">Its status.</param>
/// <param name="QueuedAt">When its input was complete, or null.</param>
/// <param name="Input">Its input, an object.</param>
/// <param name="Outputs">What it emitted, in order.</param>
public sealed record FinishedNode(
    string NodeId, ExecutionStatus Status, DateTimeOffset? QueuedAt, JsonElement Input, IReadOnlyList<KeyValuePair<string, JsonElement>> Outputs);
