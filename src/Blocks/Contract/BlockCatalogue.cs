using System.Collections.Frozen;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>All blocks of this assembly, found by reflection when it is created.</summary>
public sealed class BlockCatalogue : IBlockCatalogue, IBlockRegistry
{
    private readonly FrozenDictionary<string, IBlock> _byId;

    /// <summary>Creates one instance of every block class.</summary>
    /// <param name="models">The settings with the prices of models that the contract does not have; null leaves them without a price.</param>
    /// <exception cref="ArgumentException">Two blocks have the same id.</exception>
    /// <exception cref="InvalidOperationException">A price is wrong (<see cref="PriceCheck"/>).</exception>
    public BlockCatalogue(ChatModelOptions? models = null)
    {
        Blocks =
        [
            .. typeof(BlockCatalogue).Assembly.GetTypes()
                .Where(t => t.IsDefined(typeof(BlockAttribute), inherit: false))
                .OrderBy(t => t.Name, StringComparer.Ordinal)
                .Select(t => (IBlock)Activator.CreateInstance(t)!),
        ];
        // Blocks whose price is that of the model have prices for models that their table does not have.
        if (models is not null)
            foreach (var block in Blocks.OfType<IRepriced>().Where(block => ReferenceEquals(block.Definition.Costs, BlockPrices.PerModel))) block.Reprice([.. BlockPrices.PerModel, .. BlockPrices.OfUnknownModels(models)]);
        _byId = Blocks.ToDictionary(b => b.Definition.Id, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        var problems = PriceCheck.Problems(Blocks.Select(block => block.Definition), SystemCredentials.Ids.Values.ToHashSet(StringComparer.Ordinal)).ToList();
        if (problems.Count > 0) throw new InvalidOperationException("Prices of blocks are wrong.\n  " + string.Join("\n  ", problems));
    }

    /// <summary>All blocks, ordered by name.</summary>
    public IReadOnlyList<IBlock> Blocks { get; }

    /// <inheritdoc/>
    public BlockDefinition? Find(string blockId) => FindBlock(blockId)?.Definition;

    /// <inheritdoc/>
    public IBlock? FindBlock(string blockId) => _byId.GetValueOrDefault(blockId);
}
