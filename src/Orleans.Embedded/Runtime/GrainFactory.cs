namespace Orleans.Runtime;

/// <summary>Makes references whose calls leave through one sender.</summary>
internal sealed class GrainFactory(ICallSender sender, GrainCatalog catalog) : IGrainFactory
{
    public ICallSender Sender { get; } = sender;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Reference<TGrainInterface>(GrainKeys.FromGuid(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Reference<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    private TGrainInterface Reference<TGrainInterface>(IdSpan key, string? grainClassNamePrefix)
    {
        var grainClass = catalog.Resolve(typeof(TGrainInterface), grainClassNamePrefix);
        return (TGrainInterface)GrainProxy.Create(typeof(TGrainInterface), this, new GrainId(grainClass.GrainType, key));
    }
}
