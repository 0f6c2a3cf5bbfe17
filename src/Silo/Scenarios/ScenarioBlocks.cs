using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Silo.Scenarios;

/// <summary>
/// The built blocks with doubles in front of them. A block is doubled when a case gives outputs for one of its nodes;
/// its other nodes still run the block itself, if there is one.
/// </summary>
internal sealed class ScenarioBlocks : IBlockRegistry, IBlockCatalogue
{
    private readonly BlockCatalogue _built;
    private readonly Dictionary<string, BlockDouble> _doubles = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets up the doubles of a case.</summary>
    /// <param name="built">The built blocks.</param>
    /// <param name="calls">The calls that give outputs.</param>
    /// <param name="blockOf">The block of a node of the agent's file, or null.</param>
    public ScenarioBlocks(BlockCatalogue built, IEnumerable<ExternalCall> calls, Func<string, string?> blockOf)
    {
        _built = built;
        foreach (var group in calls.GroupBy(call => blockOf(call.NodeId!), StringComparer.OrdinalIgnoreCase))
            if (group.Key is { } blockId) _doubles.Add(blockId, new BlockDouble(blockId, built.FindBlock(blockId), group));
    }

    /// <summary>Node id of the run to node id of the agent's file; set once the agent is imported.</summary>
    public IReadOnlyDictionary<string, string> Originals
    {
        set
        {
            foreach (var item in _doubles.Values) item.Originals = value;
        }
    }

    /// <summary>True when a block has no implementation but its double.</summary>
    public bool IsOnlyDoubled(string blockId) => _doubles.ContainsKey(blockId) && _built.FindBlock(blockId) is null;

    /// <inheritdoc/>
    public BlockDefinition? Find(string blockId) => FindBlock(blockId)?.Definition;

    /// <inheritdoc/>
    public IBlock? FindBlock(string blockId) => _doubles.TryGetValue(blockId, out var stand) ? stand : _built.FindBlock(blockId);
}
