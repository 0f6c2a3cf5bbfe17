using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The block of a dry run in place of one that does more than to compute: it answers from the schema of the outputs (decision 36, ADR 0037).</summary>
internal sealed class SimulatedBlock : IComputingBlock
{
    private SimulatedBlock(BlockDefinition definition) => Definition = definition;

    /// <inheritdoc/>
    public BlockDefinition Definition { get; }

    /// <inheritdoc/>
    public bool IsBrief => true;

    /// <summary>What a dry run executes in place of a block: the block itself when it only computes or runs a sub-agent, which is a dry run of its own.</summary>
    public static IBlock InPlaceOf(IBlock block) =>
        block is IComputingBlock || block.Definition is { Kind: BlockKind.Agent, AcceptsAnyPin: false } ? block : new SimulatedBlock(DryRun.Of(block.Definition));

    /// <inheritdoc/>
    public IEnumerable<BlockOutput> Compute(JsonElement input, ComputationContext context) => DryRun.Outputs(Definition, input).Select(output => new BlockOutput(output.Pin, output.Value));

    /// <inheritdoc/>
    public IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, CancellationToken cancellationToken) =>
        BlockRunner.RunAsync(this, input, context, cancellationToken);
}
