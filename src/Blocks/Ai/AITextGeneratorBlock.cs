using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Templates;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

[Block("1f292d4a-41a4-4977-9684-7c8d560b9f91", "Asks a language model and answers with its text.", "AI", Effect = BlockEffect.Read)]
internal sealed class AITextGeneratorBlock() : Block<AITextGeneratorBlock.Input, AITextGeneratorBlock.Output>(BlockPrices.PerModel)
{
    // After a call that exceeded the context window, the output limit of the next call is multiplied by this.
    private const double LimitReduction = 0.85;

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var model = ModelTable.Find(input.Model) ?? throw new BlockException($"There is no model '{input.Model}'");
        var messages = PromptCompression.Fit(Messages(input), model.ContextWindow);
        var reply = await CompleteAsync(input, model, messages, context, cancellationToken);
        yield return Emit(nameof(Output.Response), reply);
        yield return Emit(nameof(Output.Prompt), JsonValues.Array(messages.Select(Json)));
    }

    private static List<ChatMessage> Messages(Input input)
    {
        var messages = new List<ChatMessage>();
        if (Fill(input.SysPrompt, input.PromptValues) is { Length: > 0 } system) messages.Add(new ChatMessage("system", system));
        if (Fill(input.Prompt, input.PromptValues) is { Length: > 0 } prompt) messages.Add(new ChatMessage("user", prompt));
        return messages;
    }

    // Without values the prompt is not rendered as a template, so its braces stay as they are.
    private static string Fill(string prompt, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count == 0) return prompt;
        try
        {
            return TemplateEngine.Render(prompt, values.ToDictionary(v => v.Key, v => JsonValues.From(v.Value), StringComparer.Ordinal), escapeHtml: false);
        }
        catch (TemplateException e)
        {
            throw new BlockException(e.Message, e);
        }
    }

    private static async Task<string> CompleteAsync(Input input, ModelInfo model, IReadOnlyList<ChatMessage> messages, BlockContext context, CancellationToken cancellationToken)
    {
        var limit = input.MaxTokens is { } wanted ? (int)Math.Clamp(wanted, 1, int.MaxValue) : (int?)null;
        for (long left = Math.Max(1, input.Retry); ; left--)
        {
            try
            {
                context.Usage.LlmCalls++;
                var request = new ChatRequest { Model = model.Id, Messages = messages, MaxTokens = limit, Credential = context.Credentials["credentials"] };
                var reply = await context.Models.CompleteAsync(request, cancellationToken);
                context.Usage.InputTokens += reply.InputTokens;
                context.Usage.OutputTokens += reply.OutputTokens;
                return reply.Text;
            }
            catch (ChatModelException e)
            {
                if (left <= 1) throw new BlockException(e.Message, e);
                context.Usage.LlmRetries++;
                if (IsTooLong(e.Message)) limit = Math.Max(1, (int)((limit ?? model.MaxOutput ?? OutputLimit.Unknown) * LimitReduction));
            }
        }
    }

    private static bool IsTooLong(string message) =>
        message.Contains("maximum context length", StringComparison.OrdinalIgnoreCase) || message.Contains("token limit", StringComparison.OrdinalIgnoreCase);

    private static JsonElement Json(ChatMessage message) => JsonValues.Object(
        KeyValuePair.Create("role", JsonValues.From(message.Role)),
        KeyValuePair.Create("content", JsonValues.From(message.Content)));

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
