namespace Orleans.Embedded.Tests.Grains;

public interface IPingGrain : IGrainWithStringKey
{
    /// <summary>Calls the other, which calls back.</summary>
    Task<string> CallAndBeCalled(string other);

    Task<string> Forward(string target);

    Task<string> Answer();
}
