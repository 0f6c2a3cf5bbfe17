using Grainflow.Engine.Projection;
using Grainflow.Gateway.WebSockets;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

internal sealed class CountingWriter(IEventWriter writer) : IEventWriter
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public ReadOnlyMemory<byte> Write(RunProjection projection, ProjectedEvent projected)
    {
        Interlocked.Increment(ref _count);
        return writer.Write(projection, projected);
    }
}
