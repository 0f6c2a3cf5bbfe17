namespace Grainflow.Engine.Catalogue;

/// <summary>The blocks that graphs may name.</summary>
public interface IBlockCatalogue
{
    /// <summary>The definition of a block, or null when no such block is known.</summary>
    /// <param name="blockId">The block's UUID, compared without regard to case.</param>
    BlockDefinition? Find(string blockId);
}
