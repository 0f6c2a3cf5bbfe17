using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Replicate;

[Block("c40d75a2-d0ea-44c9-a4f6-634bb3bdab1a", "Runs any model of Replicate.", "AI", Effect = BlockEffect.Read, Waits = true)]
internal sealed class ReplicateModelBlock() : Block<ReplicateModelBlock.Input, ReplicateModelBlock.Output>([BlockPrices.PerRun(10, "replicate")])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var model = string.IsNullOrEmpty(input.Version) ? input.ModelName : $"{input.ModelName}:{input.Version}";
        var output = await new ReplicateClient(context).RunAsync(model, input.ModelInputs, cancellationToken);
        yield return Emit(nameof(Output.Result), ReplicateClient.TextOf(output));
        yield return Emit(nameof(Output.Status), "succeeded");
        yield return Emit(nameof(Output.ModelName), input.ModelName);
    }

    internal sealed record Input
    {
        [CredentialsPin("replicate")]
        public required CredentialsReference Credentials { get; init; }

        [Pin(Advanced = false)]
        public required string ModelName { get; init; }

        [Pin(Type = "map<string|integer>", Advanced = false, ShowDefault = true)]
        public JsonElement ModelInputs { get; init; } = JsonValues.EmptyObject;

        [Pin(Advanced = true)]
        public string? Version { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Result { get; init; }

        public required string Status { get; init; }

        public required string ModelName { get; init; }
    }
}
