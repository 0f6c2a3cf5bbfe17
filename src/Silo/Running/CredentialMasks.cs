using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Silo.Running;

/// <summary>Fills the credentials pins of an agent with the system credentials that the settings have, because an export has no credentials.</summary>
internal static class CredentialMasks
{
    /// <summary>Adds to each credentials pin without a value a reference to the system credential of its provider.</summary>
    /// <param name="masks">Values by node id and pin.</param>
    /// <param name="graphs">The graphs of the agent.</param>
    /// <param name="configured">The providers that have a key.</param>
    public static ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> Add(
        ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> masks, IEnumerable<GraphIndex> graphs, IReadOnlySet<string> configured)
    {
        foreach (var (graph, node, pin) in Open(graphs))
        {
            var provider = Provider(graph, node, pin.Credentials!);
            if (!configured.Contains(provider)) continue;
            var mask = masks.TryGetValue(node.Id, out var given) ? given : new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
            mask.TryAdd(pin.Name, JsonValues.Object(
                KeyValuePair.Create("id", JsonValues.From(SystemCredentials.Ids[provider])),
                KeyValuePair.Create("provider", JsonValues.From(provider)),
                KeyValuePair.Create("type", JsonValues.From(SystemCredentials.TypeOf(provider)))));
            masks = masks.SetItem(node.Id, mask);
        }

        return masks;
    }

    /// <summary>The providers whose keys the agent needs and that are not configured.</summary>
    public static IReadOnlyList<string> Missing(IEnumerable<GraphIndex> graphs, IReadOnlySet<string> configured) =>
    [
        .. Open(graphs).Where(item => item.Pin.Required && !item.Node.CredentialsOptional)
            .Select(item => Provider(item.Graph, item.Node, item.Pin.Credentials!))
            .Where(provider => !configured.Contains(provider)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<(GraphIndex Graph, GraphNode Node, PinDefinition Pin)> Open(IEnumerable<GraphIndex> graphs) =>
        from graph in graphs
        from node in graph.Graph.Nodes
        let block = graph.FindBlock(node.Id)
        where block is { AcceptsAnyPin: false }
        from pin in block.Inputs
        where pin.Credentials is not null && !(node.InputDefault.Member(pin.Name)?.Member("id") is { } id && Truth.IsTruthy(id))
        select (graph, node, pin);

    private static string Provider(GraphIndex graph, GraphNode node, CredentialsRequirement wanted)
    {
        var providers = CredentialRules.Providers(wanted, node);
        if (providers.Count == 1 || wanted.Discriminator is not { } discriminator) return providers[0];
        var fallback = graph.FindBlock(node.Id)?.FindInput(discriminator)?.Default;
        return fallback is { ValueKind: JsonValueKind.String } value && wanted.DiscriminatorMapping.TryGetValue(value.GetString()!, out var provider)
            ? provider
            : providers[0];
    }
}
