using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Replicate;

// The contract's prices name the models by their names at the vendor, which the pin never holds; they are meant for the pin's (contract: block-tiers, quirk 9).
[Block("3fd9c73d-4370-4925-a1ff-1b86b99fabfa", "Changes an image as a text says, or makes one.", "AI", "MULTIMEDIA", Effect = BlockEffect.Read, Waits = true)]
internal sealed class AIImageEditorBlock() : Block<AIImageEditorBlock.Input, AIImageEditorBlock.Output>([Price(10, Pro), Price(20, Max)])
{
    private const string Pro = "Flux Kontext Pro";
    private const string Max = "Flux Kontext Max";

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var image = string.IsNullOrEmpty(input.InputImage) ? null : (await RunFile.StoreAsync(input.InputImage, context, cancellationToken)).ToDataUri();
        var settings = ApiRequest.JsonOf(new { prompt = input.Prompt, input_image = image, aspect_ratio = input.AspectRatio, seed = input.Seed });
        var model = input.Model == Max ? "black-forest-labs/flux-kontext-max" : "black-forest-labs/flux-kontext-pro";
        yield return Emit(nameof(Output.OutputImage), ReplicateClient.TextOf(await new ReplicateClient(context).RunAsync(model, settings, cancellationToken)));
    }

    private static CostRule Price(long credits, string model) => BlockPrices.PerRun(credits, "replicate", KeyValuePair.Create("model", JsonValues.From(model)));

    internal sealed record Input
    {
        [CredentialsPin("replicate")]
        public required CredentialsReference Credentials { get; init; }

        public required string Prompt { get; init; }

        [Pin(Type = "string:file?")]
        public string? InputImage { get; init; }

        [Pin(Type = "enum(match_input_image|1:1|16:9|9:16|4:3|3:4|3:2|2:3|4:5|5:4|21:9|9:21|2:1|1:2)", Advanced = false)]
        public string AspectRatio { get; init; } = "match_input_image";

        [Pin(Advanced = true)]
        public long? Seed { get; init; }

        [Pin(Type = $"enum({Pro}|{Max})")]
        public string Model { get; init; } = Pro;
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "string:file")]
        public required string OutputImage { get; init; }
    }
}
