using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("4193cb94-677c-48b0-9eec-6ac72fffd0f2", "Splits a keyword-suggestion object into separate pins.", "DATA")]
internal sealed class KeywordSuggestionExtractorBlock : PureBlock<KeywordSuggestionExtractorBlock.Input, KeywordFields>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var found = input.Suggestion;
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
        public required KeywordSuggestion Suggestion { get; init; }
    }
}

/// <summary>What DataForSEO tells of a suggested keyword.</summary>
internal sealed record KeywordSuggestion : KeywordFacts;

/// <summary>What DataForSEO tells of a keyword. The blocks of DataForSEO emit it.</summary>
internal abstract record KeywordFacts
{
    [Pin(Advanced = false)]
    public required string Keyword { get; init; }

    [Pin(Advanced = true)]
    public long? SearchVolume { get; init; }

    [Pin(Advanced = true)]
    public double? Competition { get; init; }

    [Pin(Advanced = true)]
    public double? Cpc { get; init; }

    [Pin(Advanced = true)]
    public long? KeywordDifficulty { get; init; }

    [Pin(Advanced = true, Type = "object?")]
    public JsonElement SerpInfo { get; init; } = JsonValues.Null;

    [Pin(Advanced = true, Type = "object?")]
    public JsonElement ClickstreamData { get; init; } = JsonValues.Null;
}

/// <summary>The output pins of the two blocks that take a keyword's facts apart.</summary>
internal sealed record KeywordFields : BlockResult
{
    public required string Keyword { get; init; }

    public long? SearchVolume { get; init; }

    public double? Competition { get; init; }

    public double? Cpc { get; init; }

    public long? KeywordDifficulty { get; init; }

    [Pin(Type = "object?")]
    public JsonElement SerpInfo { get; init; } = JsonValues.Null;

    [Pin(Type = "object?")]
    public JsonElement ClickstreamData { get; init; } = JsonValues.Null;
}
