namespace Grainflow.Storage.Execution;

/// <summary>A node execution with what it yielded.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Fee">The every-100th fee of its dispatch, in credits; 0 for most.</param>
/// <param name="Outputs">Its outputs, in the order they were yielded.</param>
public sealed record NodeExecutionRecord(NodeRow Row, long Fee, IReadOnlyList<NodeOutputRow> Outputs);
