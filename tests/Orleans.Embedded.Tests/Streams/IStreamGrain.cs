namespace Orleans.Embedded.Tests.Streams;

public interface IStreamGrain : IGrainWithStringKey
{
    Task Listen(string stream);

    Task Publish(string stream, string item);

    /// <summary>Waits at the gate of this name.</summary>
    Task Hold(string gate);

    Task Leave();
}
