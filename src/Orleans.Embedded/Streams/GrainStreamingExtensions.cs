using Orleans.Streams;

namespace Orleans;

/// <summary>Streams for grains.</summary>
public static class GrainStreamingExtensions
{
    /// <summary>The stream provider of a name.</summary>
    /// <param name="grain">The grain that asks.</param>
    /// <param name="name">The name under which it was added.</param>
    /// <exception cref="ArgumentNullException">The name is blank.</exception>
    /// <exception cref="KeyNotFoundException">No provider was added under this name.</exception>
    public static IStreamProvider GetStreamProvider(this Grain grain, string name)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return MemoryStreamProvider.Find(grain.ServiceProvider, name);
    }
}
