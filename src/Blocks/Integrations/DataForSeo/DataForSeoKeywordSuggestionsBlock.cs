using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.DataForSeo;

[Block("73c3e7c4-2b3f-4e9f-9e3e-8f7a5c3e2d45", "Finds keywords that contain the one given.", "DATA", "SEARCH", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class DataForSeoKeywordSuggestionsBlock() : Block<DataForSeoKeywordSuggestionsBlock.Input, DataForSeoKeywordSuggestionsBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await new DataForSeoClient(context).ResearchAsync("keyword_suggestions", input, depth: null, cancellationToken);
        var keywords = found.Select(item => KeywordFigures.Of(item, input)).ToList();
        foreach (var keyword in keywords) yield return Emit(nameof(Output.Suggestion), keyword);
        yield return Emit(nameof(Output.Suggestions), JsonValues.Array(keywords));
        yield return Emit(nameof(Output.TotalCount), keywords.Count);
        yield return Emit(nameof(Output.SeedKeyword), input.Keyword);
    }

    internal sealed record Input : KeywordInput;

    internal sealed record Output : BlockResult
    {
        public required IReadOnlyList<KeywordSuggestion> Suggestions { get; init; }

        public required KeywordSuggestion Suggestion { get; init; }

        public required long TotalCount { get; init; }

        public required string SeedKeyword { get; init; }
    }
}
