using Orleans.Embedded.Tests.Support;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Tests.Streams;

public sealed class StreamGrain(Probe probe) : Grain, IStreamGrain
{
    public Task Listen(string stream) => Stream(stream).SubscribeAsync((item, _) =>
    {
        Assert.Equal("one", this.GetPrimaryKeyString());
        probe.Happened($"grain took {item}");
        return Task.CompletedTask;
    });

    public Task Publish(string stream, string item) => Stream(stream).OnNextAsync(item);

    public async Task Hold(string gate)
    {
        probe.Happened($"{gate} started");
        await probe.Opened(gate);
        probe.Happened($"{gate} ended");
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private IAsyncStream<string> Stream(string key) => this.GetStreamProvider("streams").GetStream<string>(StreamId.Create("tests", key));
}
