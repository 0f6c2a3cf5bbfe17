using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Jina;

[Block("87840993-2053-44b7-8da4-187ad4ee518c", "Searches the web and answers with the texts of the pages found.", "SEARCH", Effect = BlockEffect.Read)]
internal sealed class SearchTheWebBlock() : Block<SearchTheWebBlock.Input, SearchTheWebBlock.Output>([BlockPrices.PerRun(1, "jina")])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Emit(nameof(Output.Results), await new JinaClient(context).SearchAsync(input.Query, cancellationToken));
    }

    internal sealed record Input
    {
        [CredentialsPin("jina")]
        public required CredentialsReference Credentials { get; init; }

        public required string Query { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Results { get; init; }
    }
}
