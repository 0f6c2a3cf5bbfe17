using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Http;

[Block("436c3984-57fd-4b85-8e9a-459b356883bd", "Reads the content of a web page as text.", "SEARCH", Effect = BlockEffect.Read)]
internal sealed class ExtractWebsiteContentBlock() : Block<ExtractWebsiteContentBlock.Input, ExtractWebsiteContentBlock.Output>(
    [BlockPrices.PerRun(1, "jina", KeyValuePair.Create("raw_content", JsonValues.False))])
{
    private const string Failure = "Failed to fetch content";

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Emit(nameof(Output.Content), input.RawContent
            ? await JinaRequests.GetAsync(input.Url, null, context, Failure, cancellationToken)
            : await JinaRequests.GetAsync(JinaRequests.Reader + input.Url, context.Credentials["credentials"], context, Failure, cancellationToken));
    }

    internal sealed record Input
    {
        [CredentialsPin("jina")]
        public required CredentialsReference Credentials { get; init; }

        public required string Url { get; init; }

        public bool RawContent { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required string Content { get; init; }
    }
}
