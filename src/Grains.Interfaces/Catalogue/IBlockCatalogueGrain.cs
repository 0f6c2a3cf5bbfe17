namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>The blocks that there are. It is the same under every key.</summary>
[Alias("grainflow.IBlockCatalogueGrain")]
public interface IBlockCatalogueGrain : IGrainWithStringKey
{
    /// <summary>A list of the contract's <c>BlockInfo</c>, by name; blocks that are switched off are left out.</summary>
    [Alias("List")]
    Task<JsonPayload> List();
}
