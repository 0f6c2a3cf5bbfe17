namespace Grainflow.Storage.Execution;

/// <summary>The state of a run after one of its events.</summary>
/// <param name="Sequence">The last event the state contains.</param>
/// <param name="Body">The state, UTF-8 JSON.</param>
public sealed record StoredSnapshot(long Sequence, ReadOnlyMemory<byte> Body);
