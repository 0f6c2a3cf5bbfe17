using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Storage.Execution;

/// <summary>The end of a run's log, for its writer, which compares and swaps it. A reader, which needs neither epoch nor status, has a <see cref="RunPosition"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">How often the run was opened; only the writer that holds the newest epoch can append.</param>
/// <param name="LastSequence">The sequence of the last event, 0 for an empty log.</param>
/// <param name="Status">The run's status.</param>
public sealed record RunHead(Guid RunId, long Epoch, long LastSequence, string Status)
{
    /// <summary>True when the status is final, so that nothing can be appended any more.</summary>
    public bool IsClosed => ExecutionStatuses.FinalNames.Contains(Status);
}

/// <summary>An event as the log holds it.</summary>
/// <param name="Sequence">Its place in the run's log, from 1, without gaps.</param>
/// <param name="Kind">The kind of event.</param>
/// <param name="At">When it happened, to the microsecond.</param>
/// <param name="Body">The event, UTF-8 JSON.</param>
/// <param name="Output">The output it announces, or null.</param>
public sealed record LoggedEvent(long Sequence, string Kind, DateTimeOffset At, ReadOnlyMemory<byte> Body, NodeOutputRow? Output)
{
    /// <summary>The event of the run that it stands for.</summary>
    /// <exception cref="System.Text.Json.JsonException">The kind is not known or the body does not fit; perhaps a newer version wrote it.</exception>
    public RunEvent ToRunEvent() => RunEventCodec.Read(Kind, Body.Span, Output is { } output ? (output.Pin, JsonValues.ParseUtf8(output.Value.Span)) : null);
}

/// <summary>The state of a run after one of its events.</summary>
/// <param name="Sequence">The last event the state contains.</param>
/// <param name="Body">The state, UTF-8 JSON.</param>
public sealed record StoredSnapshot(long Sequence, ReadOnlyMemory<byte> Body);
