using Orleans.Streams;

namespace Orleans;

/// <summary>Streams for clients.</summary>
public static class ClientStreamingExtensions
{
    /// <summary>The stream provider of a name.</summary>
    /// <param name="client">The client; here that of the silo's own host.</param>
    /// <param name="name">The name under which it was added.</param>
    /// <exception cref="ArgumentNullException">The name is blank.</exception>
    /// <exception cref="KeyNotFoundException">No provider was added under this name.</exception>
    public static IStreamProvider GetStreamProvider(this IClusterClient client, string name)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MemoryStreamProvider.Find(client.ServiceProvider, name);
    }
}
