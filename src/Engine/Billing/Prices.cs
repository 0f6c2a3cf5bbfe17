using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Billing;

/// <summary>Computes the price of a node execution (contract: semantics 3.2 and 3.3; decisions 29 and 32).</summary>
public static class Prices
{
    /// <summary>
    /// The credits to charge before the node starts. Rules are matched against the effective input: the resolved input with the block's
    /// defaults for missing values. Rules of type SECOND and BYTE give 0 here, because they are charged after the execution; no block of this
    /// catalogue has one yet.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="input">The resolved input.</param>
    public static long Of(BlockDefinition block, PinValues input)
    {
        if (block.Costs.Count == 0) return 0;
        var effective = WithDefaults(block, input);
        foreach (var rule in block.Costs)
            if (Matches(rule.Filter, effective)) return rule.Type == CostType.Run ? rule.Credits : 0;
        return 0;
    }

    private static JsonElement WithDefaults(BlockDefinition block, PinValues input)
    {
        var effective = new PinValues(input, StringComparer.Ordinal);
        foreach (var pin in block.Inputs)
        {
            if (pin.Default is not { } value) continue;
            if (!effective.TryGetValue(pin.Name, out var given) || given.IsNull()) effective[pin.Name] = value;
        }

        return JsonValues.Object(effective);
    }

    /// <summary>Whether the input contains the filter. Values that are false in Python are all equal, and objects are matched recursively.</summary>
    private static bool Matches(JsonElement filter, JsonElement input)
    {
        foreach (var wanted in filter.EnumerateObject())
        {
            var given = input.Member(wanted.Name);
            if (!Truth.IsTruthy(wanted.Value))
            {
                if (given is { } value && Truth.IsTruthy(value)) return false;
                continue;
            }

            if (given is not { } actual || !Truth.IsTruthy(actual)) return false;
            var same = wanted.Value.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object
                ? Matches(wanted.Value, actual)
                : ValueEquality.AreEqual(wanted.Value, actual);
            if (!same) return false;
        }

        return true;
    }
}
