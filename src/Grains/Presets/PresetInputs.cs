using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;

namespace Grainflow.Grains.Presets;

/// <summary>The inputs and credentials of a preset.</summary>
internal static class PresetInputs
{
    private static readonly string[] ReferenceMembers = ["id", "provider", "type"];

    /// <summary>
    /// Divides values into inputs and credentials by their names, as the contract reads them back: <c>credentials</c>, and names that end in <c>_credentials</c>, are credentials
    /// (semantics 8.3, "Storage"). One that is no reference to a credential stays an input.
    /// </summary>
    /// <param name="inputs">The inputs as given.</param>
    /// <param name="credentials">The credentials as given; they replace inputs of the same name.</param>
    public static (byte[] Inputs, byte[] Credentials) Divide(JsonElement inputs, JsonElement credentials)
    {
        var plain = new List<KeyValuePair<string, JsonElement>>();
        var named = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in inputs.EnumerateObject())
        {
            if (IsCredentials(member.Name) && IsReference(member.Value)) named[member.Name] = member.Value;
            else plain.Add(KeyValuePair.Create(member.Name, member.Value));
        }

        foreach (var member in credentials.EnumerateObject()) named[member.Name] = member.Value;
        return (JsonValues.CompactUtf8(JsonValues.Object(plain)), JsonValues.CompactUtf8(JsonValues.Object(named)));
    }

    /// <summary>The values of the pins of a trigger node: the inputs, and the credentials that the graph's are for this node.</summary>
    /// <param name="trigger">The node.</param>
    /// <param name="inputs">The inputs of the preset.</param>
    /// <param name="masks">The credentials of the graph by node, as <see cref="Interfaces.Graphs.IGraphGrain.MapCredentials"/> answers them.</param>
    public static JsonElement Config(TriggerNode trigger, JsonElement inputs, JsonPayload masks)
    {
        var config = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in inputs.EnumerateObject()) config[member.Name] = member.Value;
        if (JsonValues.ParseUtf8(masks.Memory.Span).Member(trigger.Node.Id) is { ValueKind: JsonValueKind.Object } mask)
            foreach (var member in mask.EnumerateObject()) config[member.Name] = member.Value;
        return JsonValues.Object(config);
    }

    private static bool IsCredentials(string name) => name == "credentials" || name.EndsWith("_credentials", StringComparison.Ordinal);

    private static bool IsReference(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && ReferenceMembers.All(name => value.Member(name) is { ValueKind: JsonValueKind.String });
}
