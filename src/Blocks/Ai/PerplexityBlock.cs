using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

[Block("c8a5f2e9-8b3d-4a7e-9f6c-1d5e3c9b7a4f", "Answers from the web, with its sources.", "AI", "SEARCH", Effect = BlockEffect.Read)]
internal sealed class PerplexityBlock() : Block<PerplexityBlock.Input, PerplexityBlock.Output>()
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reply = await AskAsync(input, context, cancellationToken);
        yield return Emit(nameof(Output.Response), reply.Text);
        yield return Emit(nameof(Output.Annotations), reply.Annotations ?? JsonValues.EmptyArray);
    }

    private static async Task<ChatReply> AskAsync(Input input, BlockContext context, CancellationToken cancellationToken)
    {
        List<ChatMessage> messages = input.SystemPrompt.Length > 0 ? [new ChatMessage("system", input.SystemPrompt)] : [];
        messages.Add(new ChatMessage("user", input.Prompt));
        var request = new ChatRequest { Model = input.Model, Messages = messages, MaxTokens = ModelCalls.Limit(input.MaxTokens), Credential = context.Credentials["credentials"] };
        try
        {
            return await ModelCalls.CompleteAsync(context, request, isRepeat: false, cancellationToken);
        }
        catch (ChatModelException e)
        {
            throw new BlockException(e.Message, e);
        }
    }

    internal sealed record Input
    {
        public required string Prompt { get; init; }

        [Pin(Type = "enum(perplexity/sonar|perplexity/sonar-pro|perplexity/sonar-deep-research)", Title = "Perplexity Model", Advanced = false)]
        public string Model { get; init; } = "perplexity/sonar";

        [CredentialsPin("open_router")]
        public required CredentialsReference Credentials { get; init; }

        public string SystemPrompt { get; init; } = "";

        public long? MaxTokens { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Response { get; init; }

        [Pin(Type = "array<object>")]
        public required IReadOnlyList<JsonElement> Annotations { get; init; }
    }
}
