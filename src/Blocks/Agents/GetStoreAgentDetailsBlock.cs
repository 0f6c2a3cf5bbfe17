using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Agents;

[Block("b604f0ec-6e0d-40a7-bf55-9fd09997cced", "Shows details of one store agent.", "BASIC", "DATA", StaticOutput = true, Effect = BlockEffect.Read)]
internal sealed class GetStoreAgentDetailsBlock : Block<GetStoreAgentDetailsBlock.Input, GetStoreAgentDetailsBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var agent = await context.RequireStore().FindAsync(input.Creator, input.Slug, cancellationToken)
            ?? throw new BlockException($"The marketplace has no agent '{input.Slug}' of '{input.Creator}'.");
        yield return Emit(nameof(Output.Found), true);
        yield return Emit(nameof(Output.StoreListingVersionId), agent.ListingVersionId);
        yield return Emit(nameof(Output.AgentName), agent.Name);
        yield return Emit(nameof(Output.Description), agent.Description);
        yield return Emit(nameof(Output.Creator), agent.Creator);
        yield return EmitObject(nameof(Output.Categories), agent.Categories);
        yield return Emit(nameof(Output.Runs), agent.Runs);
        yield return Emit(nameof(Output.Rating), agent.Rating);
    }

    internal sealed record Input
    {
        public required string Creator { get; init; }

        public required string Slug { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required bool Found { get; init; }

        public required string StoreListingVersionId { get; init; }

        public required string AgentName { get; init; }

        public required string Description { get; init; }

        public required string Creator { get; init; }

        public IReadOnlyList<string> Categories { get; init; } = [];

        public long Runs { get; init; }

        public double Rating { get; init; }
    }
}
