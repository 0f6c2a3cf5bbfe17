using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Ai;

[Block("32a87eab-381e-4dd4-bdb8-4c47151be35a", "Answers a list of chat messages.", "AI", Effect = BlockEffect.Read)]
internal sealed class AIConversationBlock() : Block<AIConversationBlock.Input, AIConversationBlock.Output>(BlockPrices.PerModel)
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new StructuredCall
        {
            Model = input.Model,
            Prompt = input.Prompt,
            History = [.. input.Messages.Select(ChatMessage.Of)],
            MaxTokens = input.MaxTokens,
            OllamaHost = input.OllamaHost,
            PartialPin = "response",
        };
        var result = await call.RunAsync(context, cancellationToken);
        yield return Emit(nameof(Output.Response), result.Text);
        yield return Emit(nameof(Output.Prompt), ModelCalls.Json(result.Sent));
    }

    internal sealed record Input
    {
        [Pin(Advanced = false)]
        public string Prompt { get; init; } = "";

        [Pin(Type = "array<any>")]
        public required IReadOnlyList<JsonElement> Messages { get; init; }

        [LlmModelPin]
        public string Model { get; init; } = ModelTable.Default;

        [LlmCredentialsPin]
        public required CredentialsReference Credentials { get; init; }

        public long? MaxTokens { get; init; }

        public string OllamaHost { get; init; } = "localhost:11434";
    }

    internal sealed record Output : BlockResult
    {
        public required string Response { get; init; }

        [Pin(Type = "array<any>")]
        public required IReadOnlyList<JsonElement> Prompt { get; init; }
    }
}
