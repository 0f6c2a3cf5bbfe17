using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Jina;

[Block("7c56b3ab-62e7-43a2-a2dc-4ec4245660b6", "Makes vector embeddings of texts.", "AI", Effect = BlockEffect.Read)]
internal sealed class JinaEmbeddingBlock() : Block<JinaEmbeddingBlock.Input, JinaEmbeddingBlock.Output>([BlockPrices.PerRun(12, "jina")])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Emit(nameof(Output.Embeddings), JsonValues.Array(await new JinaClient(context).EmbedAsync(input.Texts, input.Model, cancellationToken)));
    }

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement Texts { get; init; }

        [CredentialsPin("jina")]
        public required CredentialsReference Credentials { get; init; }

        public string Model { get; init; } = "jina-embeddings-v2-base-en";
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array")]
        public required JsonElement Embeddings { get; init; }
    }
}
