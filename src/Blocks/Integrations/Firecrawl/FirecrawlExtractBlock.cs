using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Firecrawl;

[Block("d1774756-4d9e-40e6-bab1-47ec0ccd81b2", "Takes structured data out of web pages.", "SEARCH", Effect = BlockEffect.Read, Waits = true)]
internal sealed class FirecrawlExtractBlock() : Block<FirecrawlExtractBlock.Input, FirecrawlExtractBlock.Output>([BlockPrices.PerRun(2)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = new Dictionary<string, object>(StringComparer.Ordinal) { ["urls"] = input.Urls, ["enableWebSearch"] = input.EnableWebSearch };
        if (input.Prompt is { } prompt) body["prompt"] = prompt;
        if (!input.OutputSchema.IsNull()) body["schema"] = input.OutputSchema;
        yield return Emit(nameof(Output.Data), await new FirecrawlClient(context).ExtractAsync(body, cancellationToken));
    }

    internal sealed record Input
    {
        [CredentialsPin("firecrawl", IsOpen = true)]
        public required CredentialsReference Credentials { get; init; }

        public required IReadOnlyList<string> Urls { get; init; }

        [Pin(Advanced = false)]
        public string? Prompt { get; init; }

        [Pin(Type = "object?")]
        public JsonElement OutputSchema { get; init; }

        public bool EnableWebSearch { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement Data { get; init; }
    }
}
