namespace Orleans.Embedded.Tests.Grains;

public interface IAmbiguousGrain : IGrainWithStringKey
{
    Task<string> Who();
}

public interface IUnimplementedGrain : IGrainWithStringKey
{
    Task Touch();
}

public sealed class OneAmbiguousGrain : Grain, IAmbiguousGrain
{
    public Task<string> Who() => Task.FromResult("one");
}

public sealed class OtherAmbiguousGrain : Grain, IAmbiguousGrain
{
    public Task<string> Who() => Task.FromResult("other");
}
