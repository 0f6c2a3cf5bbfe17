using System.Collections.Immutable;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// The live events that follow from one logged event, and their messages. Each event is written as JSON once, and as a message once for each channel. They must
/// be written before the projection applies the next logged event. Not thread-safe.
/// </summary>
internal sealed class EventBatch(RunProjection projection, ImmutableArray<ProjectedEvent> events, IEventWriter writer)
{
    private readonly ReadOnlyMemory<byte>[] _written = new ReadOnlyMemory<byte>[events.Length];
    private readonly Dictionary<(int Event, string Channel), Frame> _frames = [];

    public ImmutableArray<ProjectedEvent> Events => events;

    /// <summary>The logged event that these follow from; 0 for the run as it was stored.</summary>
    public long LogSequence => projection.LogSequence;

    /// <summary>True when no event of the run can follow these.</summary>
    public bool IsLast => projection.Run.Status.IsFinal();

    /// <summary>Finds the message of an event for a channel; false when it is not written yet.</summary>
    public bool TryGet(int index, string channel, out Frame frame) => _frames.TryGetValue((index, channel), out frame);

    /// <summary>Writes the message of an event for a channel.</summary>
    public void Write(int index, string channel)
    {
        if (_written[index].IsEmpty) _written[index] = writer.Write(projection, events[index]);
        _frames[(index, channel)] = ServerMessages.Frame(channel, projection.Source.Spec.RunId, events[index], _written[index].Span);
    }
}
