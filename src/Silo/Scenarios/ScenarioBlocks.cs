using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Silo.Scenarios;

/// <summary>
/// The built blocks, some of them replaced by doubles. A block has a double when a case gives outputs for one of its nodes; its other nodes run the block
/// itself, if it is built.
/// </summary>
internal sealed class ScenarioBlocks : IBlockRegistry, IBlockCatalogue
{
    private readonly BlockCatalogue _built;
    private readonly Dictionary<string, BlockDouble> _doubles = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates the doubles of a case.</summary>
    /// <param name="built">The built blocks.</param>
    /// <param name="calls">The calls that give outputs.</param>
    /// <param name="blockOf">The block of a node of the agent's file, or null.</param>
    public ScenarioBlocks(BlockCatalogue built, IEnumerable<ExternalCall> calls, Func<string, string?> blockOf)
    {
        _built = built;
        foreach (var group in calls.GroupBy(call => blockOf(call.NodeId!), StringComparer.OrdinalIgnoreCase))
            if (group.Key is { } blockId) _doubles.Add(blockId, new BlockDouble(blockId, built.FindBlock(blockId), group));
    }

    /// <summary>The node ids of the agent's file by those of the run; set once the agent is imported.</summary>
    public IReadOnlyDictionary<string, string> Originals
    {
        set
        {
            foreach (var item in _doubles.Values) item.Originals = value;
        }
    }

    /// <summary>True when a block has a double and is not built.</summary>
    public bool IsOnlyDoubled(string blockId) => _doubles.ContainsKey(blockId) && _built.FindBlock(blockId) is null;

    /// <inheritdoc/>
    public BlockDefinition? Find(string blockId) => FindBlock(blockId)?.Definition;

    /// <inheritdoc/>
    public IBlock? FindBlock(string blockId) => _doubles.TryGetValue(blockId, out var stand) ? stand : _built.FindBlock(blockId);
}
