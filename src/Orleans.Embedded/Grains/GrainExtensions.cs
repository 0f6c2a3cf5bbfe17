namespace Orleans;

/// <summary>Identity of grains and of references to them.</summary>
public static class GrainExtensions
{
    /// <summary>A reference to the same grain through another interface; inside a grain, a reference to itself that can be handed out.</summary>
    /// <typeparam name="TGrainInterface">The interface.</typeparam>
    /// <param name="grain">A grain or a reference.</param>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            GrainProxy proxy => (TGrainInterface)proxy.Cast(typeof(TGrainInterface)),
            IGrainBase instance => (TGrainInterface)((Activation)instance.GrainContext).Self(typeof(TGrainInterface)),
            _ => throw NotAGrain(grain),
        };
    }

    /// <summary>The identity of the grain.</summary>
    /// <param name="grain">A grain or a reference.</param>
    public static GrainId GetGrainId(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            GrainProxy proxy => proxy.GrainId,
            IGrainBase instance => instance.GrainContext.GrainId,
            _ => throw NotAGrain(grain),
        };
    }

    /// <summary>The key of a grain whose interface is an <see cref="IGrainWithGuidKey"/>.</summary>
    /// <param name="grain">A grain or a reference.</param>
    /// <exception cref="ArgumentException">The key is not a Guid.</exception>
    public static Guid GetPrimaryKey(this IAddressable grain)
    {
        var id = GetGrainId(grain);
        return GrainKeys.TryGetGuid(id.Key, out var key, out _)
            ? key
            : throw new ArgumentException($"The key of grain {id} is not a Guid.", nameof(grain));
    }

    /// <summary>The key of a grain whose interface is an <see cref="IGrainWithStringKey"/>.</summary>
    /// <param name="grain">A grain or a reference.</param>
    public static string GetPrimaryKeyString(this IAddressable grain) => GetGrainId(grain).Key.ToString();

    private static ArgumentException NotAGrain(IAddressable grain) =>
        new($"{grain.GetType()} is neither a grain nor a reference to one.", nameof(grain));
}
