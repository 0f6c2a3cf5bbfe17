using System.Collections.Immutable;
using Grainflow.Engine.Projection;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// The events that follow from one fact, on their way to subscribers. Each event is written once, and put into a message once for each channel. They must be
/// written before the projection applies the next fact. Not thread-safe.
/// </summary>
internal sealed class EventBatch(RunProjection projection, ImmutableArray<ProjectedEvent> events, IEventWriter writer)
{
    private readonly ReadOnlyMemory<byte>[] _written = new ReadOnlyMemory<byte>[events.Length];
    private readonly Dictionary<(int Event, string Channel), Frame> _frames = [];

    public ImmutableArray<ProjectedEvent> Events => events;

    /// <summary>The last fact that these events follow from, or 0.</summary>
    public long LogSequence => projection.LogSequence;

    /// <summary>The message of an event on a channel, if it was written.</summary>
    public bool TryGet(int index, string channel, out Frame frame) => _frames.TryGetValue((index, channel), out frame);

    /// <summary>Writes an event for a channel.</summary>
    public void Write(int index, string channel)
    {
        if (_written[index].IsEmpty) _written[index] = writer.Write(projection, events[index]);
        _frames[(index, channel)] = ServerMessages.Frame(channel, projection.Source.Spec.RunId, events[index], _written[index].Span);
    }
}
