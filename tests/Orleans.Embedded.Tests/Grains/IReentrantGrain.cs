namespace Orleans.Embedded.Tests.Grains;

public interface IReentrantGrain : IGrainWithStringKey
{
    Task Run(string name);

    Task<int> Increment(int times);
}
