using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

[Block("9c0b0450-d199-458b-a731-072189dd6593", "Lets a language model make a list of texts, and emits the list and each text.", "AI", "TEXT", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class AIListGeneratorBlock() : Block<AIListGeneratorBlock.Input, AIListGeneratorBlock.Output>(BlockPrices.PerModel)
{
    private const string SystemPrompt =
        "You make lists of texts. Take the items from the source data when there are any, in their order, each once, without numbers or marks before them. "
        + "Without source data, make up items that fit the focus.";

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var format = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        // Without room for thoughts, a model in JSON mode has to begin with the list.
        if (input.ForceJsonOutput) format.Add("reasoning", "your thoughts about what belongs into the list");
        format.Add("list", "the list: a JSON array of texts");
        var call = new StructuredCall
        {
            Model = input.Model,
            Prompt = PromptOf(input),
            SystemPrompt = SystemPrompt,
            Format = format,
            IsPureJson = input.ForceJsonOutput,
            Retry = input.MaxRetries,
            MaxTokens = input.MaxTokens,
            OllamaHost = input.OllamaHost,
        };
        var result = await InnerCalls.RunAsync(call, context, cancellationToken);
        if (result.Value.Member("list") is not { ValueKind: JsonValueKind.Array } list) throw new BlockException("The model did not answer with a list");
        yield return Emit(nameof(Output.GeneratedList), list);
        yield return Emit(nameof(Output.Prompt), ModelCalls.Json(result.Sent));
        foreach (var item in list.EnumerateArray()) yield return Emit(nameof(Output.ListItem), item);
    }

    private static string PromptOf(Input input) => (input.Focus, input.SourceData) switch
    {
        ({ Length: > 0 } focus, { Length: > 0 } source) => $"Make a list about this focus:\n<focus>\n{focus}\n</focus>\n\nfrom this source data:\n<source_data>\n{source}\n</source_data>",
        ({ Length: > 0 } focus, _) => $"Make a list about this focus:\n<focus>\n{focus}\n</focus>",
        (_, { Length: > 0 } source) => $"Make a list of the main items in this source data:\n<source_data>\n{source}\n</source_data>",
        _ => "Make a list of whatever you like.",
    };

    internal sealed record Input
    {
        [Pin(Advanced = false)]
        public string? Focus { get; init; }

        [Pin(Advanced = false)]
        public string? SourceData { get; init; }

        [LlmModelPin]
        public string Model { get; init; } = ModelTable.Default;

        [LlmCredentialsPin]
        public required CredentialsReference Credentials { get; init; }

        [Pin(Minimum = 1, Maximum = 5)]
        public long MaxRetries { get; init; } = 3;

        [Pin(Title = "Restrict LLM to pure JSON output")]
        public bool ForceJsonOutput { get; init; }

        public long? MaxTokens { get; init; }

        public string OllamaHost { get; init; } = "localhost:11434";
    }

    internal sealed record Output : BlockResult
    {
        public required IReadOnlyList<string> GeneratedList { get; init; }

        public required string ListItem { get; init; }

        [Pin(Type = "array<any>")]
        public required IReadOnlyList<JsonElement> Prompt { get; init; }
    }
}
