using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Agents;

[Block("2602a7b1-3f4d-4e5f-9c8b-1a2b3c4d5e6f", "Adds a store agent to the own library.", "BASIC", Effect = BlockEffect.Write)]
internal sealed class AddToLibraryFromStoreBlock : Block<AddToLibraryFromStoreBlock.Input, AddToLibraryFromStoreBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var added = await context.RequireStore().AddAsync(context.UserId, input.StoreListingVersionId, cancellationToken);
        yield return Emit(nameof(Output.Success), true);
        yield return Emit(nameof(Output.LibraryAgentId), added.LibraryAgentId);
        yield return Emit(nameof(Output.AgentId), added.GraphId);
        yield return Emit(nameof(Output.AgentVersion), added.Version);
        // That of the marketplace: the name of the input changes nothing (contract: vectors of the block).
        yield return Emit(nameof(Output.AgentName), added.Name);
        yield return Emit(nameof(Output.Message), "Agent successfully added to library");
    }

    internal sealed record Input
    {
        public required string StoreListingVersionId { get; init; }

        public string? AgentName { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required bool Success { get; init; }

        public required string LibraryAgentId { get; init; }

        public required string AgentId { get; init; }

        public required long AgentVersion { get; init; }

        public required string AgentName { get; init; }

        public required string Message { get; init; }
    }
}
