namespace Grainflow.Engine.Execution;

/// <summary>A starting node of a run, with its input.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Input">The resolved input by pin.</param>
public sealed record StartNode(string NodeId, PinValues Input);
