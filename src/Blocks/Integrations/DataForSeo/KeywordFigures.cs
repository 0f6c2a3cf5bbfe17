using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.DataForSeo;

/// <summary>The inputs that all researches have.</summary>
internal record KeywordInput
{
    public const int MostResults = 3000;

    [CredentialsPin("dataforseo", IsOpen = true, Types = [CredentialTypes.UserPassword])]
    public required CredentialsReference Credentials { get; init; }

    public required string Keyword { get; init; }

    public long? LocationCode { get; init; } = 2840;

    public string? LanguageCode { get; init; } = "en";

    public bool IncludeSeedKeyword { get; init; } = true;

    public bool IncludeSerpInfo { get; init; }

    public bool IncludeClickstreamData { get; init; }

    [Pin(Minimum = 1, Maximum = MostResults)]
    public long Limit { get; init; } = 100;
}

/// <summary>A keyword with its figures.</summary>
internal record KeywordFigures
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

    [Pin(Type = "object?", Advanced = true)]
    public JsonElement SerpInfo { get; init; }

    [Pin(Type = "object?", Advanced = true)]
    public JsonElement ClickstreamData { get; init; }

    /// <summary>The figures of an item as values.</summary>
    /// <param name="item">The item as the vendor has it.</param>
    /// <param name="input">Which of them are asked for.</param>
    public static JsonElement Of(JsonElement item, KeywordInput input)
    {
        var (info, properties) = (item.Member("keyword_info") ?? default, item.Member("keyword_properties") ?? default);
        return JsonValues.Object(
            KeyValuePair.Create("keyword", JsonValues.From(item.Text("keyword") ?? "")),
            KeyValuePair.Create("search_volume", info.Member("search_volume") ?? JsonValues.Null),
            KeyValuePair.Create("competition", info.Member("competition") ?? JsonValues.Null),
            KeyValuePair.Create("cpc", info.Member("cpc") ?? JsonValues.Null),
            KeyValuePair.Create("keyword_difficulty", properties.Member("keyword_difficulty") ?? JsonValues.Null),
            KeyValuePair.Create("serp_info", input.IncludeSerpInfo && item.Member("serp_info") is { } serp ? serp : JsonValues.Null),
            KeyValuePair.Create("clickstream_data", input.IncludeClickstreamData && item.Member("clickstream_keyword_info") is { } clicks ? clicks : JsonValues.Null));
    }
}

/// <summary>A keyword that contains the one given.</summary>
internal sealed record KeywordSuggestion : KeywordFigures;

/// <summary>A keyword that is searched for with the one given.</summary>
internal sealed record RelatedKeyword : KeywordFigures;
