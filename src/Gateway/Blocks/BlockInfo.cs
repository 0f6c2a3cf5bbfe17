using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Blocks;

/// <summary>The contract's <c>BlockInfo</c>, for the OpenAPI document. <c>IBlockCatalogueGrain</c> writes the JSON itself.</summary>
internal sealed record BlockInfo
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    [JsonPropertyName("inputSchema")]
    public required IReadOnlyDictionary<string, JsonElement> InputSchema { get; init; }

    [JsonPropertyName("outputSchema")]
    public required IReadOnlyDictionary<string, JsonElement> OutputSchema { get; init; }

    public required IReadOnlyList<BlockCost> Costs { get; init; }

    public required string Description { get; init; }

    public required IReadOnlyList<IReadOnlyDictionary<string, string>> Categories { get; init; }

    public required IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Contributors { get; init; }

    [JsonPropertyName("staticOutput")]
    public required bool StaticOutput { get; init; }

    [JsonPropertyName("uiType")]
    public required string UiType { get; init; }
}

/// <summary>A price of a block.</summary>
internal sealed record BlockCost
{
    public required int CostAmount { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> CostFilter { get; init; }

    public required BlockCostType CostType { get; init; }

    /// <summary>How many units the amount is for.</summary>
    [SchemaDefault("1")]
    public int CostDivisor { get; init; } = 1;

    /// <summary>The prices of tokens, for the type <c>tokens</c>; else null.</summary>
    public TokenRate? TokenRate { get; init; }
}

/// <summary>Prices in credits for a million tokens.</summary>
internal sealed record TokenRate
{
    public required int Input { get; init; }

    public required int Output { get; init; }

    public required int CacheRead { get; init; }

    public required int CacheCreation { get; init; }
}

/// <summary>The unit that a price is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BlockCostType>))]
internal enum BlockCostType
{
    [JsonStringEnumMemberName("run")]
    Run,

    [JsonStringEnumMemberName("byte")]
    Byte,

    [JsonStringEnumMemberName("second")]
    Second,

    [JsonStringEnumMemberName("items")]
    Items,

    [JsonStringEnumMemberName("cost_usd")]
    CostUsd,

    [JsonStringEnumMemberName("tokens")]
    Tokens,
}
