using System.Text.Json;

namespace Grainflow.Engine.Billing;

/// <summary>One price of a block (contract: semantics 3.2 and 3.3, <c>costs.tsv</c>).</summary>
/// <param name="Credits">The price in credits (1 credit = 1 US cent), 0 or more. For SECOND and BYTE rules: per unit.</param>
/// <param name="Type">What the price counts.</param>
/// <param name="Filter">A JSON object that must be contained in the effective input for the rule to apply; empty matches always.</param>
public sealed record CostRule(long Credits, CostType Type, JsonElement Filter);
