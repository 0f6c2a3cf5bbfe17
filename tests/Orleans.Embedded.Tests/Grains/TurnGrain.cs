using Orleans.Embedded.Tests.Support;

namespace Orleans.Embedded.Tests.Grains;

public sealed class TurnGrain(Probe probe) : Grain, ITurnGrain
{
    private int _count;

    public Task Run(string name) => RunAsync(name);

    public Task RunInterleaved(string name) => RunAsync(name);

    public Task Read(string name) => RunAsync(name);

    public async Task<int> CountTo(int number)
    {
        for (var step = 0; step < number; step++)
        {
            var before = _count;
            await Task.Yield();
            _count = before + 1;
        }

        return _count;
    }

    private async Task RunAsync(string name)
    {
        probe.Happened($"{name} started");
        await probe.Opened(name);
        probe.Happened($"{name} ended");
    }
}
