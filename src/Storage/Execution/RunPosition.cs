namespace Grainflow.Storage.Execution;

/// <summary>How far the log of a run goes.</summary>
/// <param name="RunId">The run.</param>
/// <param name="GraphId">Its graph.</param>
/// <param name="Sequence">Its last fact; 0 for an empty log.</param>
/// <param name="Ended">True when nothing can follow.</param>
public sealed record RunPosition(Guid RunId, Guid GraphId, long Sequence, bool Ended);
