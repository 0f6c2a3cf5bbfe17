using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Jina;

[Block("806fb15e-830f-4796-8692-557d300ff43c", "Splits texts into pieces.", "AI", "TEXT", Effect = BlockEffect.Read)]
internal sealed class JinaChunkingBlock : Block<JinaChunkingBlock.Input, JinaChunkingBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new JinaClient(context);
        var longest = input.MaxChunkLength.ToString(CultureInfo.InvariantCulture);
        var (chunks, tokens) = (new List<JsonElement>(), new List<JsonElement>());
        foreach (var text in input.Texts.EnumerateArray())
        {
            var pieces = await client.SplitAsync(text, longest, input.ReturnTokens, cancellationToken);
            chunks.AddRange(pieces.Chunks);
            tokens.AddRange(pieces.Tokens);
        }

        yield return Emit(nameof(Output.Chunks), JsonValues.Array(chunks));
        if (input.ReturnTokens) yield return Emit(nameof(Output.Tokens), JsonValues.Array(tokens));
    }

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement Texts { get; init; }

        [CredentialsPin("jina")]
        public required CredentialsReference Credentials { get; init; }

        public long MaxChunkLength { get; init; } = 1000;

        public bool ReturnTokens { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array")]
        public required JsonElement Chunks { get; init; }

        [Pin(Type = "array")]
        public required JsonElement Tokens { get; init; }
    }
}
