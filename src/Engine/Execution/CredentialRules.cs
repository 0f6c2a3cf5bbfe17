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
    public static IReadOnlyList<string> Providers(CredentialsRequirement wanted, GraphNode node) =>
        wanted.Discriminator is { } discriminator
        && node.InputDefault.Member(discriminator) is { ValueKind: JsonValueKind.String } value
        && wanted.DiscriminatorMapping.TryGetValue(value.GetString()!, out var provider)
            ? [provider]
            : wanted.Providers;

    /// <summary>The reason why a node does not accept credentials, or null when it does.</summary>
    /// <param name="given">An object with id, provider and type.</param>
    /// <param name="wanted">The pin's requirement.</param>
    /// <param name="node">The node.</param>
    public static string? Misfit(JsonElement given, CredentialsRequirement wanted, GraphNode node)
    {
        if (given.ValueKind != JsonValueKind.Object) return "must be an object with id, provider and type";
        var provider = Text(given, "provider");
        var type = Text(given, "type");
        var providers = Providers(wanted, node);
        if (!providers.Contains(provider, StringComparer.Ordinal)) return $"has credentials of '{provider}', but takes {string.Join(" or ", providers)}";
        return wanted.Types.Contains(type, StringComparer.Ordinal) ? null : $"has credentials of type '{type}', but takes {string.Join(" or ", wanted.Types)}";
    }

    private static string Text(JsonElement given, string name) =>
        given.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
