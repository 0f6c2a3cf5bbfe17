using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Firecrawl;

[Block("f8d2f28d-b3a1-405b-804e-418c087d288b", "Searches the web, and reads the pages found when a form of them is asked for.", "SEARCH", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class FirecrawlSearchBlock() : Block<FirecrawlSearchBlock.Input, FirecrawlSearchBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new ScrapeOptions(input.Formats, input.MaxAge, input.WaitFor);
        var found = await new FirecrawlClient(context).SearchAsync(input.Query, input.Limit, options, cancellationToken);
        yield return Emit(nameof(Output.Data), found);
        foreach (var site in found.Items("web")) yield return Emit(nameof(Output.Site), ScrapedPage.Of(site));
    }

    internal sealed record Input
    {
        [CredentialsPin("firecrawl", IsOpen = true)]
        public required CredentialsReference Credentials { get; init; }

        public required string Query { get; init; }

        public long Limit { get; init; } = 10;

        public long MaxAge { get; init; } = 3600000;

        public long WaitFor { get; init; } = 200;

        [Pin(Type = ScrapeOptions.FormatsType, TypeSchema = ScrapeOptions.FormatsSchema, ShowDefault = true)]
        public IReadOnlyList<string> Formats { get; init; } = [];
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement Data { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Site { get; init; }
    }
}
