using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Firecrawl;

[Block("bdbbaba0-03b7-4971-970e-699e2de6015e", "Reads the pages of a web site.", "SEARCH", Effect = BlockEffect.Read, EmitsSeveral = true, Waits = true)]
internal sealed class FirecrawlCrawlBlock() : Block<FirecrawlCrawlBlock.Input, FirecrawlCrawlBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new ScrapeOptions(input.Formats, input.MaxAge, input.WaitFor, input.OnlyMainContent);
        var pages = await new FirecrawlClient(context).CrawlAsync(input.Url, input.Limit, options, cancellationToken);
        yield return Emit(nameof(Output.Data), JsonValues.Array(pages));
        foreach (var page in pages)
            foreach (var (property, value) in ScrapedPage.Outputs(page, input.Formats)) yield return Emit(property, value);
    }

    internal sealed record Input
    {
        [CredentialsPin("firecrawl", IsOpen = true)]
        public required CredentialsReference Credentials { get; init; }

        public required string Url { get; init; }

        public long Limit { get; init; } = 10;

        public bool OnlyMainContent { get; init; } = true;

        public long MaxAge { get; init; } = 3600000;

        public long WaitFor { get; init; }

        [Pin(Type = ScrapeOptions.FormatsType, TypeSchema = ScrapeOptions.FormatsSchema, ShowDefault = true)]
        public IReadOnlyList<string> Formats { get; init; } = ["markdown"];
    }

    internal sealed record Output : ScrapeOutput
    {
        [Pin(Type = "array<object>")]
        public override required JsonElement Data { get; init; }
    }
}
