using Orleans.Concurrency;
using Orleans.Embedded.Tests.Support;

namespace Orleans.Embedded.Tests.Grains;

[Reentrant]
public sealed class ReentrantGrain(Probe probe) : Grain, IReentrantGrain
{
    private int _count;

    public async Task Run(string name)
    {
        probe.Happened($"{name} started");
        await probe.Opened(name);
        probe.Happened($"{name} ended");
    }

    public async Task<int> Increment(int times)
    {
        for (var time = 0; time < times; time++)
        {
            // Not atomic: two turns at a time would lose some.
            _count++;
            await Task.Yield();
        }

        return _count;
    }
}
