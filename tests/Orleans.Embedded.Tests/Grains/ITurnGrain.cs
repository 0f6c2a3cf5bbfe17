using Orleans.Concurrency;

namespace Orleans.Embedded.Tests.Grains;

public interface ITurnGrain : IGrainWithStringKey
{
    Task Run(string name);

    [AlwaysInterleave]
    Task RunInterleaved(string name);

    [ReadOnly]
    Task Read(string name);

    Task<int> CountTo(int number);
}
