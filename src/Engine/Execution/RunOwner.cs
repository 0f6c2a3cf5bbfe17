namespace Grainflow.Engine.Execution;

/// <summary>Who decides for a run: a session of it, on a host.</summary>
/// <param name="Host">The incarnation of the silo, which runs the nodes that are dispatched here.</param>
/// <param name="Epoch">The session's number among those of the run, from 0; a later session has a greater one.</param>
public readonly record struct RunOwner(string Host, long Epoch);
