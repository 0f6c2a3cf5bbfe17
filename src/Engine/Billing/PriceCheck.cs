using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Billing;

/// <summary>Finds the mistakes in the prices of blocks, so that a process with a wrong price does not start.</summary>
public static class PriceCheck
{
    /// <summary>The mistakes, each with the block and the rule.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="systemCredentials">The ids of the platform's own credentials.</param>
    public static IEnumerable<string> Problems(IEnumerable<BlockDefinition> blocks, IReadOnlySet<string> systemCredentials) =>
        from block in blocks
        from index in Enumerable.Range(0, block.Costs.Count)
        from problem in Problems(block, index, systemCredentials)
        select string.Create(CultureInfo.InvariantCulture, $"{block.Name}, price {index + 1} of {block.Costs.Count}: {problem}.");

    private static IEnumerable<string> Problems(BlockDefinition block, int index, IReadOnlySet<string> systemCredentials)
    {
        var rule = block.Costs[index];
        if (rule.Credits < 0) yield return $"{rule.Credits} credits are negative";
        if (rule.TokenRate is { } rate && (rate.Input < 0 || rate.Output < 0 || rate.CacheRead < 0 || rate.CacheCreation < 0)) yield return "a price of tokens is negative";
        if (rule.Type == CostType.Tokens && rule.TokenRate is null) yield return "a price of tokens needs a token_rate";
        if (rule.IsMetered && rule.Maximum is not >= 1) yield return $"a price by {rule.Type} must declare its maximum, 1 or more, which is reserved before the block starts";
        if (!rule.IsMetered && rule.Maximum is not null) yield return "a price per run has no maximum";
        if (rule.Divisor is < 1) yield return $"its divisor is {rule.Divisor}; it must be 1 or more";
        if (rule.Filter.ValueKind != JsonValueKind.Object)
        {
            yield return "its filter is not a JSON object";
            yield break;
        }

        foreach (var member in rule.Filter.EnumerateObject())
        {
            var pin = block.FindInput(member.Name);
            if (pin is null && !block.AcceptsAnyPin) yield return $"its filter names the pin '{member.Name}', which the block does not have";
            if (pin?.Credentials is not null && (Id(member.Value) is not { } id || !systemCredentials.Contains(id)))
                yield return $"its filter names the system credential '{Id(member.Value)}', which is not known";
        }

        for (var earlier = 0; earlier < index; earlier++)
        {
            if (!Contains(rule.Filter, block.Costs[earlier].Filter)) continue;
            yield return string.Create(CultureInfo.InvariantCulture, $"it can never match, because price {earlier + 1} matches whenever it does; the most specific price comes first");
            yield break;
        }
    }

    private static string? Id(JsonElement credential) => credential.Member("id") is { ValueKind: JsonValueKind.String } id ? id.GetString() : null;

    /// <summary>Whether everything that matches the narrow filter matches the wide one, too.</summary>
    private static bool Contains(JsonElement narrow, JsonElement wide)
    {
        if (wide.ValueKind != JsonValueKind.Object) return false;
        foreach (var wanted in wide.EnumerateObject())
        {
            if (narrow.Member(wanted.Name) is not { } given) return false;
            if (Truth.IsTruthy(wanted.Value) != Truth.IsTruthy(given)) return false;
            if (!Truth.IsTruthy(wanted.Value)) continue;
            var contained = wanted.Value.ValueKind == JsonValueKind.Object && given.ValueKind == JsonValueKind.Object
                ? Contains(given, wanted.Value)
                : ValueEquality.AreEqual(wanted.Value, given);
            if (!contained) return false;
        }

        return true;
    }
}
