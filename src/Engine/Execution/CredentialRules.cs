using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>Decides which credentials a node accepts (contract: semantics 1.7 step 2 and 2.3).</summary>
public static class CredentialRules
{
    /// <summary>The providers that a node accepts: the one that the value of the discriminator selects, else all of the pin.</summary>
    /// <param name="wanted">The pin's requirement.</param>
    /// <param name="node">The node.</param>
    public static IReadOnlyList<string> Providers(CredentialsRequirement wanted, GraphNode node) => Providers(wanted, node.InputDefault);

    /// <summary>The providers that an input accepts: the one that the value of the discriminator selects, else all of the pin.</summary>
    /// <param name="wanted">The pin's requirement.</param>
    /// <param name="input">The input, a JSON object.</param>
    public static IReadOnlyList<string> Providers(CredentialsRequirement wanted, JsonElement input) =>
        wanted.Discriminator is { } discriminator
        && input.Member(discriminator) is { ValueKind: JsonValueKind.String } value
        && wanted.DiscriminatorMapping.TryGetValue(value.GetString()!, out var provider)
            ? [provider]
            : wanted.Providers;

    /// <summary>The reason why a node does not accept credentials, or null when it does.</summary>
    /// <param name="given">An object with id, provider and type.</param>
    /// <param name="wanted">The pin's requirement.</param>
    /// <param name="node">The node.</param>
    public static string? Misfit(JsonElement given, CredentialsRequirement wanted, GraphNode node) => Misfit(given, wanted, node.InputDefault);

    /// <summary>The reason why an input does not accept credentials, or null when it does.</summary>
    /// <param name="given">An object with id, provider and type.</param>
    /// <param name="wanted">The pin's requirement.</param>
    /// <param name="input">The input, a JSON object.</param>
    public static string? Misfit(JsonElement given, CredentialsRequirement wanted, JsonElement input)
    {
        if (Id(given) is null) return "must be an object with id, provider and type, each a text";
        var provider = Text(given, "provider");
        var type = Text(given, "type");
        var providers = Providers(wanted, input);
        if (!providers.Contains(provider, StringComparer.Ordinal)) return $"has credentials of '{provider}', but takes {string.Join(" or ", providers)}";
        return wanted.Types.Contains(type, StringComparer.Ordinal) ? null : $"has credentials of type '{type}', but takes {string.Join(" or ", wanted.Types)}";
    }

    /// <summary>The reason why a credential that is named cannot be used, or null when it can (contract: semantics 2.3).</summary>
    /// <param name="given">An object with id, provider and type.</param>
    /// <param name="known">The credentials that there are, by id.</param>
    public static string? Missing(JsonElement given, IReadOnlyDictionary<string, CredentialFacts> known)
    {
        if (!known.TryGetValue(Id(given)!, out var facts)) return $"names credentials #{Id(given)}, which do not exist; select others, or add them again";
        return facts.Provider == Text(given, "provider") && facts.Type == Text(given, "type")
            ? null
            : $"names credentials #{Id(given)} as {Text(given, "type")} of '{Text(given, "provider")}', but they are {facts.Type} of '{facts.Provider}'";
    }

    /// <summary>The ids of the credentials that a graph would use.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="masks">Values that replace those of pins, by node id.</param>
    public static IReadOnlySet<string> Named(GraphIndex graph, IReadOnlyDictionary<string, PinValues> masks) =>
        graph.Graph.Nodes.SelectMany(node => Given(graph, node, masks)).Select(given => Id(given.Value)).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether the value of a credentials pin names no credentials: null, or an object without an id.</summary>
    /// <param name="given">The value.</param>
    public static bool IsAbsent(JsonElement given) => given.IsNull() || (given.ValueKind == JsonValueKind.Object && !(given.Member("id") is { } id && Truth.IsTruthy(id)));

    /// <summary>The credentials pins of a node with their values: that of the mask, else the constant, which nodes with optional credentials do not use. JSON null for none.</summary>
    internal static IEnumerable<(PinDefinition Pin, JsonElement Value)> Given(GraphIndex graph, GraphNode node, IReadOnlyDictionary<string, PinValues> masks)
    {
        if (graph.FindBlock(node.Id) is not { AcceptsAnyPin: false } block) yield break;
        foreach (var pin in block.Inputs)
        {
            if (pin.Credentials is null) continue;
            var given = masks.TryGetValue(node.Id, out var mask) && mask.TryGetValue(pin.Name, out var masked)
                ? masked
                : node.CredentialsOptional ? JsonValues.Null : node.InputDefault.Member(pin.Name) ?? JsonValues.Null;
            yield return (pin, IsAbsent(given) ? JsonValues.Null : given);
        }
    }

    /// <summary>The id of the credentials that a value names; null when it is no object with an id.</summary>
    /// <param name="given">The value of a credentials pin.</param>
    public static string? Id(JsonElement given) =>
        given.ValueKind == JsonValueKind.Object && given.Member("id") is { ValueKind: JsonValueKind.String } id ? id.GetString() : null;

    private static string Text(JsonElement given, string name) =>
        given.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
