namespace Grainflow.Engine.Execution;

/// <summary>The session that decides the next events of a run.</summary>
/// <param name="Host">The identity of its silo, to which it dispatches nodes.</param>
/// <param name="Epoch">The epoch of the session, from 0; a later session has a greater one.</param>
public readonly record struct RunOwner(string Host, long Epoch);
