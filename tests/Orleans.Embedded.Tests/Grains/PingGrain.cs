using Orleans.Embedded.Tests.Support;

namespace Orleans.Embedded.Tests.Grains;

public sealed class PingGrain(Probe probe) : Grain, IPingGrain
{
    public Task<string> CallAndBeCalled(string other) =>
        GrainFactory.GetGrain<IPingGrain>(other).Forward(this.GetPrimaryKeyString());

    public async Task<string> Forward(string target)
    {
        var call = GrainFactory.GetGrain<IPingGrain>(target).Answer();
        probe.Happened("called back");
        return await call;
    }

    public Task<string> Answer() => Task.FromResult("answer");
}
