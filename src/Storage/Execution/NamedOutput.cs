namespace Grainflow.Storage.Execution;

/// <summary>A value with the <c>name</c> input of the node execution that emitted it.</summary>
/// <param name="Sequence">Its place in the log.</param>
/// <param name="Name">The name; empty when the node had none.</param>
/// <param name="Value">JSON in UTF-8.</param>
public sealed record NamedOutput(long Sequence, string Name, byte[] Value);
