using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Ai;

[Block("ed55ac19-356e-4243-a6cb-bc599e9b716f", "Asks a language model for JSON with certain keys, and asks again until it has them.", "AI", Effect = BlockEffect.Read)]
internal sealed class AIStructuredResponseGeneratorBlock()
    : Block<AIStructuredResponseGeneratorBlock.Input, AIStructuredResponseGeneratorBlock.Output>(BlockPrices.PerModel)
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new StructuredCall
        {
            Model = input.Model,
            Prompt = ModelCalls.Fill(input.Prompt, input.PromptValues),
            SystemPrompt = ModelCalls.Fill(input.SysPrompt, input.PromptValues),
            History = [.. (input.ConversationHistory ?? []).Select(ChatMessage.Of)],
            Format = input.ExpectedFormat,
            IsList = input.ListResult,
            IsPureJson = input.ForceJsonOutput,
            Retry = input.Retry,
            MaxTokens = input.MaxTokens,
            Compresses = input.CompressPromptToFit,
            OllamaHost = input.OllamaHost,
        };
        var result = await call.RunAsync(context, cancellationToken);
        yield return Emit(nameof(Output.Response), result.Value);
        yield return Emit(nameof(Output.Prompt), ModelCalls.Json(result.Sent));
    }

    internal sealed record Input
    {
        public required string Prompt { get; init; }

        public required IReadOnlyDictionary<string, string> ExpectedFormat { get; init; }

        public bool ListResult { get; init; }

        [LlmModelPin(Advanced = false)]
        public string Model { get; init; } = ModelTable.Default;

        [Pin(Title = "Restrict LLM to pure JSON output")]
        public bool ForceJsonOutput { get; init; }

        [LlmCredentialsPin]
        public required CredentialsReference Credentials { get; init; }

        [Pin(Title = "System Prompt")]
        public string SysPrompt { get; init; } = "";

        [Pin(Type = "array<object>?")]
        public IReadOnlyList<JsonElement>? ConversationHistory { get; init; } = [];

        [Pin(Title = "Retry Count")]
        public long Retry { get; init; } = 3;

        [Pin(Advanced = false)]
        public IReadOnlyDictionary<string, string> PromptValues { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

        public long? MaxTokens { get; init; }

        public bool CompressPromptToFit { get; init; } = true;

        public string OllamaHost { get; init; } = "localhost:11434";
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object|array<object>")]
        public required JsonElement Response { get; init; }

        [Pin(Type = "array<any>")]
        public required IReadOnlyList<JsonElement> Prompt { get; init; }
    }
}
