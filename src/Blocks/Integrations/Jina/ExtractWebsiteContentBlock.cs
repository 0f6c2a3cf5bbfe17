using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Jina;

[Block("436c3984-57fd-4b85-8e9a-459b356883bd", "Reads the content of a web page as text.", "SEARCH", Effect = BlockEffect.Read)]
internal sealed class ExtractWebsiteContentBlock() : Block<ExtractWebsiteContentBlock.Input, ExtractWebsiteContentBlock.Output>(
    [BlockPrices.PerRun(1, "jina", KeyValuePair.Create("raw_content", JsonValues.False))])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Emit(nameof(Output.Content), input.RawContent
            ? await FetchAsync(input.Url, context, cancellationToken)
            : await new JinaClient(context).ReadAsync(input.Url, cancellationToken));
    }

    private static async Task<string> FetchAsync(string url, BlockContext context, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)) throw new BlockException($"Failed to fetch content: '{url}' is not a web address");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        try
        {
            var reply = await context.Http.SendAsync(request, cancellationToken);
            return reply.IsSuccess ? reply.Text() : throw new BlockException($"Failed to fetch content: {uri.Host} answered {reply.Status}: {ApiAnswers.ReasonOf(default, reply.Text())}");
        }
        catch (OutgoingHttpException e)
        {
            throw new BlockException($"Failed to fetch content: {e.Message}", e);
        }
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
