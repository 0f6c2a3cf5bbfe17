namespace Grainflow.Gateway.WebSockets;

/// <summary>Writes events as JSON, each once however many clients see it.</summary>
internal interface IEventWriter
{
    /// <summary>The JSON object of an event, UTF-8.</summary>
    /// <param name="projection">Where the event comes from; it has applied nothing since.</param>
    /// <param name="liveEvent">The event.</param>
    ReadOnlyMemory<byte> Write(EventProjection projection, LiveEvent liveEvent);
}
