namespace Grainflow.Engine.Execution;

/// <summary>A node that begins a run, with its input.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Input">Resolved input by pin.</param>
public sealed record StartNode(string NodeId, PinValues Input);
