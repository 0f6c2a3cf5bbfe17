namespace Orleans.Embedded.Tests.Grains;

public interface IStateGrain : IGrainWithStringKey
{
    Task<string> Get();

    Task Set(string text);

    Task SetWithoutWriting(string text);

    Task<string> ReadAgain();

    Task Clear();

    Task<(string? Etag, bool Exists)> Version();

    Task<string> LoadedAtActivation();

    Task SetManyAtOnce(int count);

    Task SetSwallowingConflicts(string text);

    Task Leak();
}

public interface IGuidStateGrain : IGrainWithGuidKey
{
    Task<string> Get();

    Task Set(string text);
}

public interface ITwoStatesGrain : IGrainWithStringKey
{
    Task Set(string first, string second);

    Task<(string First, string Second)> Get();
}

public interface ILostStateGrain : IGrainWithStringKey
{
    Task Touch();
}

public interface IDefaultStateGrain : IGrainWithStringKey
{
    Task Touch();
}
