using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Running;

/// <summary>
/// Fills the credentials pins of an agent, because an export has no credentials: with those of the command line, and where it has none with the system credentials of the settings.
/// </summary>
/// <param name="configured">The providers whose system credential has a key.</param>
/// <param name="given">The credentials of the command line.</param>
internal sealed class CredentialMasks(IReadOnlySet<string> configured, IReadOnlyList<GivenCredential> given)
{
    /// <summary>Credentials for an agent whose services are scripted: all system credentials, whether they have a key or not, and those given.</summary>
    /// <param name="given">For the other providers, from <see cref="Scripted"/>.</param>
    public static CredentialMasks OfScenario(IReadOnlyList<GivenCredential> given) => new(SystemCredentials.Ids.Keys.ToHashSet(StringComparer.Ordinal), given);

    /// <summary>A scripted credential for each provider that nodes of an agent need and for which the platform has none.</summary>
    /// <param name="graphs">The graphs of the agent.</param>
    public static IReadOnlyList<GivenCredential> Scripted(IEnumerable<GraphIndex> graphs) =>
    [
        .. Pins(graphs).Where(item => item.Pin.Required && IsOpen(item.Node, item.Pin))
            .Select(item => (Provider: Provider(item.Graph, item.Node, item.Pin.Credentials!), Type: item.Pin.Credentials!.Types.FirstOrDefault(type => type != CredentialTypes.HostScoped), item.Pin.Credentials.Scopes))
            .Where(item => item.Type is not null && !SystemCredentials.Ids.ContainsKey(item.Provider))
            .GroupBy(item => item.Provider, StringComparer.Ordinal)
            .Select(provider => GivenCredential.Scripted(provider.Key, provider.First().Type!, provider.SelectMany(item => item.Scopes))),
    ];

    /// <summary>Adds to each credentials pin a reference: to a credential of the command line, else, when the pin has no value, to the system credential of its provider.</summary>
    /// <param name="masks">Values by node id and pin.</param>
    /// <param name="graphs">The graphs of the agent.</param>
    /// <exception cref="CliException">A credential of the command line fits no pin.</exception>
    public ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> Add(
        ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> masks, IReadOnlyCollection<GraphIndex> graphs)
    {
        var unused = given.ToHashSet();
        foreach (var (graph, node, pin) in Pins(graphs))
        {
            if (Given(graph, node, pin) is { } credential)
            {
                unused.Remove(credential);
                masks = With(masks, node, pin, credential.Reference);
            }
            else if (IsOpen(node, pin) && Provider(graph, node, pin.Credentials!) is var provider && configured.Contains(provider))
            {
                masks = With(masks, node, pin, JsonValues.Object(
                    KeyValuePair.Create("id", JsonValues.From(SystemCredentials.Ids[provider])),
                    KeyValuePair.Create("provider", JsonValues.From(provider)),
                    KeyValuePair.Create("type", JsonValues.From(SystemCredentials.TypeOf(provider)))));
            }
        }

        return unused.FirstOrDefault() is { } useless ? throw Useless(useless, graphs) : masks;
    }

    /// <summary>The providers whose credentials the agent needs and that are neither given nor configured.</summary>
    public IReadOnlyList<string> Missing(IEnumerable<GraphIndex> graphs) =>
    [
        .. Pins(graphs).Where(item => item.Pin.Required && !item.Node.CredentialsOptional && IsOpen(item.Node, item.Pin) && Given(item.Graph, item.Node, item.Pin) is null)
            .Select(item => Provider(item.Graph, item.Node, item.Pin.Credentials!))
            .Where(provider => !configured.Contains(provider)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private static ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> With(
        ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> masks, GraphNode node, PinDefinition pin, JsonElement reference)
    {
        var mask = masks.TryGetValue(node.Id, out var named) ? named : new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        mask.TryAdd(pin.Name, reference);
        return masks.SetItem(node.Id, mask);
    }

    private static IEnumerable<(GraphIndex Graph, GraphNode Node, PinDefinition Pin)> Pins(IEnumerable<GraphIndex> graphs) =>
        from graph in graphs
        from node in graph.Graph.Nodes
        let block = graph.FindBlock(node.Id)
        where block is not null
        from pin in block.Inputs
        where pin.Credentials is not null
        select (graph, node, pin);

    private static bool IsOpen(GraphNode node, PinDefinition pin) => !(node.InputDefault.Member(pin.Name)?.Member("id") is { } id && Truth.IsTruthy(id));

    /// <summary>The credential of the command line that a pin takes: of the provider that its node has chosen, or of any that it accepts when the node has not.</summary>
    private GivenCredential? Given(GraphIndex graph, GraphNode node, PinDefinition pin)
    {
        var wanted = pin.Credentials!;
        var chosen = Provider(graph, node, wanted);
        return given.Where(credential => wanted.Types.Contains(credential.Type, StringComparer.Ordinal) && Accepted(graph, node, wanted).Contains(credential.Provider, StringComparer.Ordinal))
            .OrderByDescending(credential => credential.Provider == chosen).FirstOrDefault();
    }

    private static IReadOnlyList<string> Accepted(GraphIndex graph, GraphNode node, CredentialsRequirement wanted) => ByDefault(graph, node, wanted) is { } only ? [only] : CredentialRules.Providers(wanted, node);

    private static string Provider(GraphIndex graph, GraphNode node, CredentialsRequirement wanted) => Accepted(graph, node, wanted)[0];

    /// <summary>The provider that the default of the discriminator selects when the node has no value for it; null when the node has one, or the default selects none.</summary>
    private static string? ByDefault(GraphIndex graph, GraphNode node, CredentialsRequirement wanted)
    {
        if (CredentialRules.Providers(wanted, node).Count == 1 || wanted.Discriminator is not { } discriminator) return null;
        var fallback = graph.FindBlock(node.Id)?.FindInput(discriminator)?.Default;
        return fallback is { ValueKind: JsonValueKind.String } value && wanted.DiscriminatorMapping.TryGetValue(value.GetString()!, out var provider) ? provider : null;
    }

    private static CliException Useless(GivenCredential credential, IReadOnlyCollection<GraphIndex> graphs)
    {
        var pins = Pins(graphs).ToList();
        var sameProvider = pins.Where(item => Accepted(item.Graph, item.Node, item.Pin.Credentials!).Contains(credential.Provider, StringComparer.Ordinal)).ToList();
        if (sameProvider.Count > 0)
        {
            var types = sameProvider.SelectMany(item => item.Pin.Credentials!.Types).Distinct(StringComparer.Ordinal);
            return credential.Refused($"the agent takes credentials of '{credential.Provider}' of type {string.Join(" or ", types)}, not of type {credential.Type}.");
        }

        var providers = pins.SelectMany(item => Accepted(item.Graph, item.Node, item.Pin.Credentials!)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return credential.Refused(providers.Count == 0 ? "the agent takes no credentials." : $"no node of the agent takes credentials of '{credential.Provider}'.{Nearest.Hint(credential.Provider, providers)} It takes those of: {Nearest.List(providers)}.");
    }
}
