namespace Grainflow.Blocks.Contract;

/// <summary>Finds the block that a node runs. Scenarios put doubles in front of the built blocks by decorating it.</summary>
public interface IBlockRegistry
{
    /// <summary>The block, or null when no such block is built.</summary>
    /// <param name="blockId">The block's UUID, compared without regard to case.</param>
    IBlock? FindBlock(string blockId);
}
