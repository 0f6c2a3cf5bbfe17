using System.Text.Json;

namespace Grainflow.Engine.Billing;

/// <summary>One price of a block (contract: semantics 3.2 and 3.3, <c>costs.tsv</c>; newer types and members: <c>upstream.md</c>).</summary>
/// <param name="Credits">The price in credits (1 credit = 1 US cent), 0 or more, for one unit of the type. Not used by <see cref="CostType.Tokens"/>.</param>
/// <param name="Type">The unit of the price.</param>
/// <param name="Filter">A JSON object that the effective input must contain for the rule to apply; an empty one always applies.</param>
public sealed record CostRule(long Credits, CostType Type, JsonElement Filter)
{
    /// <summary>
    /// The most that one node execution costs: reserved before the block starts, and given back as far as it was not used (decision 32). 1 or more; null only for
    /// <see cref="CostType.Run"/>, whose price is known before.
    /// </summary>
    public long? Maximum { get; init; }

    /// <summary>How many units <see cref="Credits"/> is for, 1 or more; begun ones count in full. Null: each unit costs <see cref="Credits"/>, and parts of a credit are dropped (semantics 3.2).</summary>
    public int? Divisor { get; init; }

    /// <summary>The prices of <see cref="CostType.Tokens"/>; null for all other types.</summary>
    public TokenRate? TokenRate { get; init; }

    /// <summary>True when the price depends on what the block uses, so that it is reserved first and settled when the block has ended.</summary>
    public bool IsMetered => Type != CostType.Run;

    /// <summary>The credits that are taken before the block starts.</summary>
    public long Reservation => IsMetered ? Maximum ?? 0 : Credits;

    /// <summary>The credits that a node execution costs in the end, 0 or more. It may be more than <see cref="Maximum"/>, which is then all that is charged.</summary>
    /// <param name="use">What the block has used.</param>
    public long CreditsFor(BlockUse use)
    {
        var credits = Type switch
        {
            CostType.Second => Units(use.Seconds),
            CostType.Byte => Units(use.Bytes),
            CostType.Items => Math.Ceiling((decimal)use.Items / (Divisor ?? 1)) * Credits,
            CostType.CostUsd => Math.Ceiling(use.CostUsd * Credits / (Divisor ?? 1)),
            CostType.Tokens => Math.Ceiling((TokenRate ?? new TokenRate()).MillionthsFor(use) / 1_000_000),
            _ => Credits,
        };
        return (long)Math.Clamp(credits, 0, long.MaxValue);
    }

    private decimal Units(decimal used) => Divisor is { } divisor ? Math.Ceiling(used / divisor) * Credits : Math.Floor(used * Credits);
}

/// <summary>The unit of a price.</summary>
public enum CostType
{
    /// <summary>One node execution.</summary>
    Run,

    /// <summary>One second of the block's time.</summary>
    Second,

    /// <summary>One byte of the JSON of input and outputs.</summary>
    Byte,

    /// <summary>One thing that the block has fetched or made, such as a search result.</summary>
    Items,

    /// <summary>One US dollar that the provider asks for the call.</summary>
    CostUsd,

    /// <summary>Tokens of a language model, by <see cref="TokenRate"/>.</summary>
    Tokens,
}

/// <summary>The names of the types of prices in the API.</summary>
public static class CostTypes
{
    /// <summary>The name of a type.</summary>
    /// <param name="type">The type.</param>
    public static string Name(CostType type) => type switch
    {
        CostType.Second => "second",
        CostType.Byte => "byte",
        CostType.Items => "items",
        CostType.CostUsd => "cost_usd",
        CostType.Tokens => "tokens",
        _ => "run",
    };
}

/// <summary>The prices of tokens, each in credits for a million of them, 0 or more.</summary>
/// <param name="Input">Tokens sent.</param>
/// <param name="Output">Tokens received.</param>
/// <param name="CacheRead">Tokens sent that the provider took from its cache.</param>
/// <param name="CacheCreation">Tokens sent that the provider put into its cache.</param>
public sealed record TokenRate(long Input = 0, long Output = 0, long CacheRead = 0, long CacheCreation = 0)
{
    /// <summary>The price of what was used, in millionths of a credit.</summary>
    internal decimal MillionthsFor(BlockUse use) =>
        ((decimal)Input * use.InputTokens) + ((decimal)Output * use.OutputTokens) + ((decimal)CacheRead * use.CacheReadTokens) + ((decimal)CacheCreation * use.CacheCreationTokens);
}

/// <summary>What a block has used in one node execution, as far as prices depend on it. Nothing is negative.</summary>
public sealed record BlockUse
{
    /// <summary>Seconds from the start of the block to its end.</summary>
    public decimal Seconds { get; init; }

    /// <summary>The size of input and outputs as JSON, in bytes of UTF-8.</summary>
    public long Bytes { get; init; }

    /// <summary>The number of things that the block has fetched or made.</summary>
    public long Items { get; init; }

    /// <summary>US dollars that the provider asks for.</summary>
    public decimal CostUsd { get; init; }

    /// <summary>Tokens sent to language models, without those of the cache.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens received from language models.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Tokens that a provider took from its cache.</summary>
    public long CacheReadTokens { get; init; }

    /// <summary>Tokens that a provider put into its cache.</summary>
    public long CacheCreationTokens { get; init; }
}
