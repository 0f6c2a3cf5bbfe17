using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

[Block("a0a69be1-4528-491c-a85a-a4ab6873e3f0", "Summarises a long text part by part, and then the summaries.", "AI", "TEXT", Effect = BlockEffect.Read)]
internal sealed class AITextSummarizerBlock() : Block<AITextSummarizerBlock.Input, AITextSummarizerBlock.Output>(BlockPrices.PerModel)
{
    // A text whose summaries do not get shorter would be summarised for ever.
    private const int MostPasses = 10;

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (text, style, focus) = (input.Text, input.Style, input.Focus);
        for (var pass = 1; ; pass++)
        {
            var summaries = new List<string>();
            foreach (var window in WordWindows.Of(text, input.MaxTokens, input.ChunkOverlap))
                summaries.Add(TextOf(await AskAsync(input, context, "summary", $"Summarise this text in {style} style, with the focus on {focus}:\n\n```{window}```", cancellationToken), "summary"));
            var combined = string.Join("\n\n", summaries);
            if (pass < MostPasses && WordWindows.Count(combined) > input.MaxTokens)
            {
                // The passes after the first one have the defaults (contract: block-tiers, AI Text Summarizer).
                var defaults = new Input { Text = "", Credentials = input.Credentials };
                (text, style, focus) = (combined, defaults.Style, defaults.Focus);
                continue;
            }

            var last = await AskAsync(input, context, "final_summary", $"These are the summaries of the parts of a text. Make one summary of the whole in {style} style, with the focus on {focus}:\n\n{combined}", cancellationToken);
            yield return Emit(nameof(Output.Summary), TextOf(last, "final_summary"));
            yield return Emit(nameof(Output.Prompt), ModelCalls.Json(last.Sent));
            yield break;
        }
    }

    private static Task<StructuredCall.Result> AskAsync(Input input, BlockContext context, string key, string prompt, CancellationToken cancellationToken)
    {
        var call = new StructuredCall
        {
            Model = input.Model,
            Prompt = prompt,
            Format = new Dictionary<string, string>(StringComparer.Ordinal) { [key] = "the summary, a text" },
            OllamaHost = input.OllamaHost,
        };
        return InnerCalls.RunAsync(call, context, cancellationToken);
    }

    private static string TextOf(StructuredCall.Result result, string key) =>
        result.Value.Member(key) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw new BlockException($"The model answered with a '{key}' that is no text");

    internal sealed record Input
    {
        public required string Text { get; init; }

        [LlmModelPin]
        public string Model { get; init; } = ModelTable.Default;

        public string Focus { get; init; } = "general information";

        [Pin(Type = "enum(concise|detailed|bullet points|numbered list)", Title = "Summary Style")]
        public string Style { get; init; } = "concise";

        [LlmCredentialsPin]
        public required CredentialsReference Credentials { get; init; }

        [Pin(Minimum = 1)]
        public long MaxTokens { get; init; } = 4096;

        [Pin(Minimum = 0)]
        public long ChunkOverlap { get; init; } = 100;

        public string OllamaHost { get; init; } = "localhost:11434";
    }

    internal sealed record Output : BlockResult
    {
        public required string Summary { get; init; }

        [Pin(Type = "array<any>")]
        public required IReadOnlyList<JsonElement> Prompt { get; init; }
    }
}
