using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Billing;

/// <summary>Finds the price of a node execution (contract: semantics 3.2 and 3.3; decisions 29 and 32).</summary>
public static class Prices
{
    /// <summary>The credits to take before the block starts: the price, or the maximum of a price that is settled when the block has ended.</summary>
    /// <param name="block">The block.</param>
    /// <param name="input">The resolved input.</param>
    public static long Of(BlockDefinition block, PinValues input) => Match(block, input)?.Reservation ?? 0;

    /// <summary>
    /// The first rule that matches the effective input, which is the resolved input with the block's defaults for missing values; null when the block is free.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="input">The resolved input.</param>
    public static CostRule? Match(BlockDefinition block, PinValues input)
    {
        if (block.Costs.Count == 0) return null;
        var effective = JsonValues.Object(Effective(block, input));
        foreach (var rule in block.Costs)
            if (Matches(rule.Filter, effective)) return rule;
        return null;
    }

    /// <inheritdoc cref="Match(BlockDefinition, PinValues)"/>
    /// <param name="block">The block.</param>
    /// <param name="input">The resolved input, a JSON object.</param>
    public static CostRule? Match(BlockDefinition block, JsonElement input)
    {
        var values = new PinValues(StringComparer.Ordinal);
        foreach (var member in input.EnumerateObject()) values[member.Name] = member.Value;
        return Match(block, values);
    }

    /// <summary>The input with the block's defaults for values that are missing or null.</summary>
    internal static PinValues Effective(BlockDefinition block, PinValues input)
    {
        var effective = new PinValues(input, StringComparer.Ordinal);
        foreach (var pin in block.Inputs)
        {
            if (pin.Default is not { } value) continue;
            if (!effective.TryGetValue(pin.Name, out var given) || given.IsNull()) effective[pin.Name] = value;
        }

        return effective;
    }

    /// <summary>Whether the input contains the filter. Values that are false in Python are all equal, and objects are matched recursively.</summary>
    private static bool Matches(JsonElement filter, JsonElement input)
    {
        foreach (var wanted in filter.EnumerateObject())
            if (!Matches(wanted.Value, input.Member(wanted.Name))) return false;
        return true;
    }

    /// <summary>Whether a value of the input is what a member of a filter asks for.</summary>
    /// <param name="wanted">The value in the filter.</param>
    /// <param name="given">The value in the input; null when it is missing.</param>
    internal static bool Matches(JsonElement wanted, JsonElement? given)
    {
        if (!Truth.IsTruthy(wanted)) return given is not { } value || !Truth.IsTruthy(value);
        if (given is not { } actual || !Truth.IsTruthy(actual)) return false;
        return wanted.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object
            ? Matches(wanted, actual)
            : ValueEquality.AreEqual(wanted, actual);
    }
}
