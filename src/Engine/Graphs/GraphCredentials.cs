using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// The credentials that a graph needs from its user. Credentials pins of several nodes for which one credential suffices are grouped under one key
/// (contract: semantics 1.7).
/// </summary>
public static class GraphCredentials
{
    /// <summary>The <c>credentials_input_schema</c> of a graph.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="graphs">The graph and its sub-graphs.</param>
    public static JsonElement Schema(string name, IEnumerable<GraphIndex> graphs)
    {
        var groups = Groups(graphs);
        var members = new List<KeyValuePair<string, JsonElement>>
        {
            new("properties", JsonValues.Object(groups.Select(group => KeyValuePair.Create(group.Key, Property(group.Value))))),
        };
        var required = groups.Where(group => group.Value.Exists(field => !field.Node.CredentialsOptional)).Select(group => JsonValues.From(group.Key)).ToList();
        if (required.Count > 0) members.Add(new("required", JsonValues.Array(required)));
        members.Add(new("title", JsonValues.From(name.Replace(" ", "", StringComparison.Ordinal) + "CredentialsInputSchema")));
        members.Add(new("type", JsonValues.From("object")));
        return JsonValues.Object(members);
    }

    /// <summary>Computes the masks that give credentials to the pins that need them. Keys that the schema of the graph does not have are ignored.</summary>
    /// <param name="graphs">The graph and its sub-graphs.</param>
    /// <param name="given">An object of credentials (id, provider, type, title) by key of the schema; their members that are null are left out.</param>
    /// <returns>An object of node ids, each with an object of credentials by pin.</returns>
    public static JsonElement Masks(IEnumerable<GraphIndex> graphs, JsonElement given)
    {
        var masks = new OrderedDictionary<string, PinValues>(StringComparer.Ordinal);
        foreach (var (key, fields) in Groups(graphs))
        {
            if (given.Member(key) is not { ValueKind: JsonValueKind.Object } credentials) continue;
            var meta = JsonValues.Object(credentials.EnumerateObject().Where(member => !member.Value.IsNull()).Select(member => KeyValuePair.Create(member.Name, member.Value)));
            foreach (var field in fields)
            {
                if (!masks.TryGetValue(field.Node.Id, out var mask)) masks.Add(field.Node.Id, mask = new PinValues(StringComparer.Ordinal));
                mask[field.Pin.Name] = meta;
            }
        }

        return JsonValues.Object(masks.Select(mask => KeyValuePair.Create(mask.Key, JsonValues.Object(mask.Value))));
    }

    private static OrderedDictionary<string, List<Field>> Groups(IEnumerable<GraphIndex> graphs)
    {
        var groups = new OrderedDictionary<string, List<Field>>(StringComparer.Ordinal);
        foreach (var field in graphs.SelectMany(Fields))
        {
            if (!groups.TryGetValue(field.Key, out var group)) groups.Add(field.Key, group = []);
            group.Add(field);
        }

        return groups;
    }

    private static IEnumerable<Field> Fields(GraphIndex graph) =>
        from node in graph.Graph.Nodes
        let block = graph.FindBlock(node.Id)
        where block is not null
        from pin in block.Inputs
        let wanted = pin.Credentials
        where wanted is not null
        select Read(node, pin, wanted);

    private static Field Read(GraphNode node, PinDefinition pin, CredentialsRequirement wanted)
    {
        var providers = CredentialRules.Providers(wanted, node).Order(StringComparer.Ordinal).ToList();
        var types = wanted.Types.Order(StringComparer.Ordinal).ToList();
        var value = wanted.Discriminator is { } discriminator && node.InputDefault.Member(discriminator) is { } given && Truth.IsTruthy(given) ? given : (JsonElement?)null;
        // Credentials for plain HTTP are grouped by host, because each is valid for one host only.
        var host = providers is ["http"] && value is { ValueKind: JsonValueKind.String } address ? Host(address.GetString()!) + "-" : "";
        return new Field($"{host}{string.Join('-', providers)}_{string.Join('-', types)}_credentials", node, pin, providers, types, value);
    }

    private static string Host(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host : address;

    private static JsonElement Property(List<Field> fields)
    {
        var first = fields[0];
        var members = new List<KeyValuePair<string, JsonElement>>
        {
            new("credentials_provider", JsonValues.Array(first.Providers.Select(JsonValues.From))),
            new("credentials_types", JsonValues.Array(first.Types.Select(JsonValues.From))),
            new("properties", JsonValues.Parse($$"""
                {
                  "id": {"title": "Id", "type": "string"},
                  "title": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null, "title": "Title"},
                  "provider": {{OneOf(first.Providers, "Provider")}},
                  "type": {{OneOf(first.Types, "Type")}}
                }
                """)),
            new("required", JsonValues.Parse("""["id", "provider", "type"]""")),
            new("title", JsonValues.From("CredentialsMetaInput")),
            new("type", JsonValues.From("object")),
        };
        if (first.Pin.Credentials is { Discriminator: { } discriminator } wanted)
        {
            members.Add(new("discriminator", JsonValues.From(discriminator)));
            if (wanted.DiscriminatorMapping.Count > 0)
                members.Add(new("discriminator_mapping", JsonValues.Object(wanted.DiscriminatorMapping.Select(pair => KeyValuePair.Create(pair.Key, JsonValues.From(pair.Value))))));
        }

        var values = fields.Select(field => field.Value).OfType<JsonElement>().DistinctBy(JsonValues.Compact, StringComparer.Ordinal);
        members.Add(new("discriminator_values", JsonValues.Array(values)));
        return JsonValues.Object(members);
    }

    private static string OneOf(List<string> values, string title) => JsonValues.Compact(JsonValues.Object(
        values.Count == 1 ? KeyValuePair.Create("const", JsonValues.From(values[0])) : KeyValuePair.Create("enum", JsonValues.Array(values.Select(JsonValues.From))),
        KeyValuePair.Create("title", JsonValues.From(title)),
        KeyValuePair.Create("type", JsonValues.From("string"))));

    private sealed record Field(string Key, GraphNode Node, PinDefinition Pin, List<string> Providers, List<string> Types, JsonElement? Value);
}
