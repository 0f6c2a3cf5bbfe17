namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>The list of all blocks. It is the same under every key.</summary>
[Alias("grainflow.IBlockCatalogueGrain")]
public interface IBlockCatalogueGrain : IGrainWithStringKey
{
    /// <summary>A JSON array of the contract's <c>BlockInfo</c>, ordered by name, without disabled blocks.</summary>
    [Alias("List")]
    Task<JsonPayload> List();
}
