using System.Text.Json;

namespace Grainflow.Engine.Billing;

/// <summary>One price of a block (contract: semantics 3.2 and 3.3, <c>costs.tsv</c>).</summary>
/// <param name="Credits">The price in credits (1 credit = 1 US cent), 0 or more. For SECOND and BYTE rules: per unit.</param>
/// <param name="Type">The unit of the price.</param>
/// <param name="Filter">A JSON object that the effective input must contain for the rule to apply; an empty one always applies.</param>
public sealed record CostRule(long Credits, CostType Type, JsonElement Filter);

/// <summary>The unit of a price.</summary>
public enum CostType
{
    /// <summary>One node execution.</summary>
    Run,

    /// <summary>One second of execution, charged afterwards.</summary>
    Second,

    /// <summary>One byte of payload, charged afterwards.</summary>
    Byte,
}
