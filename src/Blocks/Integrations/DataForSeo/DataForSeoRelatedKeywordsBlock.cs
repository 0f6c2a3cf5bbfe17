using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.DataForSeo;

[Block("8f2e4d6a-1b3c-4a5e-9d7f-2c8e6a4b3f1d", "Finds keywords that are searched for with the one given.", "DATA", "SEARCH", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class DataForSeoRelatedKeywordsBlock() : Block<DataForSeoRelatedKeywordsBlock.Input, DataForSeoRelatedKeywordsBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await new DataForSeoClient(context).ResearchAsync("related_keywords", input, input.Depth, cancellationToken);
        var keywords = found.Select(item => KeywordFigures.Of(item.Member("keyword_data") ?? default, input)).ToList();
        foreach (var keyword in keywords) yield return Emit(nameof(Output.RelatedKeyword), keyword);
        yield return Emit(nameof(Output.RelatedKeywords), JsonValues.Array(keywords));
        yield return Emit(nameof(Output.TotalCount), keywords.Count);
        yield return Emit(nameof(Output.SeedKeyword), input.Keyword);
    }

    internal sealed record Input : KeywordInput
    {
        [Pin(Minimum = 0, Maximum = 4)]
        public long Depth { get; init; } = 1;
    }

    internal sealed record Output : BlockResult
    {
        public required IReadOnlyList<RelatedKeyword> RelatedKeywords { get; init; }

        public required RelatedKeyword RelatedKeyword { get; init; }

        public required long TotalCount { get; init; }

        public required string SeedKeyword { get; init; }
    }
}
