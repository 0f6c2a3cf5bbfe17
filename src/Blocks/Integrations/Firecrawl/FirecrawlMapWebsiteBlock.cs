using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Firecrawl;

[Block("f0f43e2b-c943-48a0-a7f1-40136ca4d3b9", "Lists the links of a web site.", "SEARCH", Effect = BlockEffect.Read)]
internal sealed class FirecrawlMapWebsiteBlock() : Block<FirecrawlMapWebsiteBlock.Input, FirecrawlMapWebsiteBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var links = await new FirecrawlClient(context).MapAsync(input.Url, cancellationToken);
        yield return Emit(nameof(Output.Links), JsonValues.Array(links.Select(link => link.Member("url") ?? JsonValues.Null)));
        yield return Emit(nameof(Output.Results), JsonValues.Array(links.Select(link => JsonValues.Object(
            ((string[])["url", "title", "description"]).Select(name => KeyValuePair.Create(name, link.Member(name) ?? JsonValues.Null))))));
    }

    internal sealed record Input
    {
        [CredentialsPin("firecrawl", IsOpen = true)]
        public required CredentialsReference Credentials { get; init; }

        public required string Url { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required IReadOnlyList<string> Links { get; init; }

        [Pin(Type = "array<object>")]
        public required JsonElement Results { get; init; }
    }
}
