using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Data;

[Block("98342061-09d2-4952-bf77-0761fc8cc9a8", "Splits a related-keyword object into separate pins.", "DATA")]
internal sealed class RelatedKeywordExtractorBlock : PureBlock<RelatedKeywordExtractorBlock.Input, KeywordFields>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var found = input.RelatedKeyword;
        yield return Emit(nameof(KeywordFields.Keyword), found.Keyword);
        yield return EmitObject(nameof(KeywordFields.SearchVolume), found.SearchVolume);
        yield return EmitObject(nameof(KeywordFields.Competition), found.Competition);
        yield return EmitObject(nameof(KeywordFields.Cpc), found.Cpc);
        yield return EmitObject(nameof(KeywordFields.KeywordDifficulty), found.KeywordDifficulty);
        yield return Emit(nameof(KeywordFields.SerpInfo), found.SerpInfo);
        yield return Emit(nameof(KeywordFields.ClickstreamData), found.ClickstreamData);
    }

    internal sealed record Input
    {
        public required RelatedKeyword RelatedKeyword { get; init; }
    }
}

/// <summary>What DataForSEO tells of a keyword that is related to another one.</summary>
internal sealed record RelatedKeyword : KeywordFacts;
