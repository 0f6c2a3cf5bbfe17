using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Firecrawl;

[Block("ac444320-cf5e-4697-b586-2604c17a3e75", "Reads a web page.", "SEARCH", Effect = BlockEffect.Read)]
internal sealed class FirecrawlScrapeBlock() : Block<FirecrawlScrapeBlock.Input, ScrapeOutput>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new ScrapeOptions(input.Formats, input.MaxAge, input.WaitFor, input.OnlyMainContent);
        var page = await new FirecrawlClient(context).ScrapeAsync(input.Url, options, cancellationToken);
        yield return Emit(nameof(ScrapeOutput.Data), page);
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

        public long WaitFor { get; init; } = 200;

        [Pin(Type = ScrapeOptions.FormatsType, TypeSchema = ScrapeOptions.FormatsSchema, ShowDefault = true)]
        public IReadOnlyList<string> Formats { get; init; } = ["markdown"];
    }
}
