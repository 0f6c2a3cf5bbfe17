using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

[Block("86a2a099-30df-47b4-b7e4-34ae5f83e0d5", "Writes code by a Codex model of OpenAI.", "AI", "DEVELOPER_TOOLS", Effect = BlockEffect.Read)]
internal sealed class CodeGenerationBlock()
    : Block<CodeGenerationBlock.Input, CodeGenerationBlock.Output>([BlockPrices.PerRun(5, "openai", KeyValuePair.Create("model", JsonValues.From(DefaultModel)))])
{
    private const string DefaultModel = "gpt-5.1-codex";

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reply = await AskAsync(input, context, cancellationToken);
        yield return Emit(nameof(Output.Response), reply.Text);
        yield return Emit(nameof(Output.Reasoning), reply.Reasoning ?? "");
        yield return Emit(nameof(Output.ResponseId), reply.Id ?? "");
    }

    private static async Task<ChatReply> AskAsync(Input input, BlockContext context, CancellationToken cancellationToken)
    {
        List<ChatMessage> messages = input.SystemPrompt.Length > 0 ? [new ChatMessage("system", input.SystemPrompt)] : [];
        messages.Add(new ChatMessage("user", input.Prompt));
        var request = new ChatRequest
        {
            Model = input.Model,
            Messages = messages,
            MaxTokens = ModelCalls.Limit(input.MaxOutputTokens),
            Reasoning = new ReasoningCall(input.ReasoningEffort == "none" ? null : input.ReasoningEffort),
            Credential = context.Credentials["credentials"],
        };
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

        public string SystemPrompt { get; init; } = "You write code. Answer with complete, working code that can be used as it is, and say in a few words what it does and what it needs.";

        [Pin(Type = "enum(gpt-5.1-codex)", Title = "Codex Model", Advanced = false)]
        public string Model { get; init; } = DefaultModel;

        [Pin(Type = "enum(none|low|medium|high)")]
        public string ReasoningEffort { get; init; } = "medium";

        public long? MaxOutputTokens { get; init; } = 2048;

        [CredentialsPin("openai")]
        public required CredentialsReference Credentials { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Response { get; init; }

        public string Reasoning { get; init; } = "";

        public string ResponseId { get; init; } = "";
    }
}
