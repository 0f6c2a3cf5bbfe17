namespace Grainflow.Engine.Catalogue;

/// <summary>The definitions of all known blocks.</summary>
public interface IBlockCatalogue
{
    /// <summary>The definition of a block, or null when the block is not known.</summary>
    /// <param name="blockId">The block's UUID in upper or lower case.</param>
    BlockDefinition? Find(string blockId);
}
