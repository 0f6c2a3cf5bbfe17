namespace Grainflow.Engine.Execution;

/// <summary>How a node execution ended.</summary>
/// <param name="Status">COMPLETED, FAILED, TERMINATED or REVIEW.</param>
/// <param name="Error">The text for the <c>error</c> pin when it failed.</param>
/// <param name="Charged">The credits charged.</param>
/// <param name="OutOfCredits">True when the balance was too low to charge for the node.</param>
/// <param name="Stats">The statistics.</param>
/// <param name="Warnings">The losses in it or in its sub-agent, without the id of the node; null when there are none.</param>
/// <param name="OverBudget">True when what was left of the budget of the run was too small to charge for the node.</param>
public sealed record NodeEnd(ExecutionStatus Status, string? Error, long Charged, bool OutOfCredits, NodeStats Stats, RunWarnings? Warnings = null, bool OverBudget = false);
