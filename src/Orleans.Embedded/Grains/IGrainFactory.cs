namespace Orleans;

/// <summary>Makes references to grains. A reference costs nothing: the grain is activated by the first call.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain with this key.</summary>
    /// <typeparam name="TGrainInterface">The interface; exactly one grain class must implement it.</typeparam>
    /// <param name="primaryKey">The key.</param>
    /// <param name="grainClassNamePrefix">The beginning of the full name of the grain class, where several implement the interface.</param>
    /// <exception cref="ArgumentException">No class, or more than one, fits.</exception>
    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey;

    /// <summary>A reference to the grain with this key.</summary>
    /// <typeparam name="TGrainInterface">The interface; exactly one grain class must implement it.</typeparam>
    /// <param name="primaryKey">The key; not empty or blank.</param>
    /// <param name="grainClassNamePrefix">The beginning of the full name of the grain class, where several implement the interface.</param>
    /// <exception cref="ArgumentException">The key is blank, or no class, or more than one, fits.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;
}
