using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Ai;

[Block("1f292d4a-41a4-4977-9684-7c8d560b9f91", "Asks a language model and answers with its text.", "AI", Effect = BlockEffect.Read)]
internal sealed class AITextGeneratorBlock() : Block<AITextGeneratorBlock.Input, AITextGeneratorBlock.Output>(BlockPrices.PerModel)
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new StructuredCall
        {
            Model = input.Model,
            Prompt = ModelCalls.Fill(input.Prompt, input.PromptValues),
            SystemPrompt = ModelCalls.Fill(input.SysPrompt, input.PromptValues),
            Retry = input.Retry,
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
        public required string Prompt { get; init; }

        [LlmModelPin(Advanced = false)]
        public string Model { get; init; } = ModelTable.Default;

        [LlmCredentialsPin]
        public required CredentialsReference Credentials { get; init; }

        [Pin(Title = "System Prompt")]
        public string SysPrompt { get; init; } = "";

        [Pin(Title = "Retry Count")]
        public long Retry { get; init; } = 3;

        [Pin(Advanced = false)]
        public IReadOnlyDictionary<string, string> PromptValues { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

        public string OllamaHost { get; init; } = "localhost:11434";

        public long? MaxTokens { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Response { get; init; }

        [Pin(Type = "array<any>")]
        public required IReadOnlyList<JsonElement> Prompt { get; init; }
    }
}
