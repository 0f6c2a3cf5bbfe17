using Orleans.Concurrency;

namespace Orleans.Embedded.Tests.Grains;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<int> Touch();

    Task Hold(string name);

    Task EndSoon();

    Task EndSoonAndHold(string name);

    Task Delay(TimeSpan time);

    Task StartDetachedWork(string name);

    Task StartTimer(string name, bool keepAlive);

    [AlwaysInterleave]
    Task<int> TouchInterleaved();
}

public interface IKeptGrain : ILifeGrain;

public interface IBriefGrain : ILifeGrain;

public interface IConfiguredGrain : ILifeGrain;
