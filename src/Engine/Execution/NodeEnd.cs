namespace Grainflow.Engine.Execution;

/// <summary>How a node execution ended.</summary>
/// <param name="Status">COMPLETED, FAILED, TERMINATED or REVIEW.</param>
/// <param name="Error">The text for the <c>error</c> pin when it failed.</param>
/// <param name="Charged">Credits taken from the wallet.</param>
/// <param name="OutOfCredits">True when the wallet could not pay.</param>
/// <param name="Stats">What it measured.</param>
/// <param name="Warnings">What was lost in it or in its sub-agent, without the id of the node; null when nothing was.</param>
public sealed record NodeEnd(ExecutionStatus Status, string? Error, long Charged, bool OutOfCredits, NodeStats Stats, RunWarnings? Warnings = null);
