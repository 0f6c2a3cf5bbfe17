using System.Collections.Immutable;
using System.Threading.Channels;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>A listener that keeps what it hears.</summary>
internal sealed class ObservedRuns : IRunObserver
{
    private readonly Channel<RunGrew> _heard = Channel.CreateUnbounded<RunGrew>();

    public ChannelReader<RunGrew> Heard => _heard.Reader;

    public Task Grew(ImmutableArray<RunGrew> notices)
    {
        foreach (var notice in notices) _heard.Writer.TryWrite(notice);
        return Task.CompletedTask;
    }
}
