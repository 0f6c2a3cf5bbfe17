using Grainflow.Engine.Catalogue;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>The blocks of one test.</summary>
internal sealed class FakeCatalogue(params IEnumerable<BlockDefinition> blocks) : IBlockCatalogue
{
    private readonly Dictionary<string, BlockDefinition> _blocks = blocks.DistinctBy(block => block.Id).ToDictionary(block => block.Id, StringComparer.OrdinalIgnoreCase);

    public BlockDefinition? Find(string blockId) => _blocks.GetValueOrDefault(blockId);
}
