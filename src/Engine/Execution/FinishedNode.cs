using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>A node execution, as far as the results of a run need it.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Status">The status.</param>
/// <param name="QueuedAt">When its input became complete, or null.</param>
/// <param name="Input">The input, a JSON object.</param>
/// <param name="Outputs">The emitted values by pin, in order.</param>
public sealed record FinishedNode(
    string NodeId, ExecutionStatus Status, DateTimeOffset? QueuedAt, JsonElement Input, IReadOnlyList<KeyValuePair<string, JsonElement>> Outputs);
