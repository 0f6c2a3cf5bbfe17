namespace Grainflow.Storage.Execution;

/// <summary>An event as the log holds it.</summary>
/// <param name="Sequence">Its place in the run's log, from 1, without gaps.</param>
/// <param name="Kind">The kind of event.</param>
/// <param name="At">When it happened, to the microsecond.</param>
/// <param name="Body">The event, UTF-8 JSON.</param>
/// <param name="Output">The output it announces, or null.</param>
public sealed record LoggedEvent(long Sequence, string Kind, DateTimeOffset At, ReadOnlyMemory<byte> Body, NodeOutputRow? Output);
