using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// The ids of credentials inside of values that a file picker has made, in the member <c>_credentials_id</c> at any depth (contract: upstream section 4). The id of another user's
/// credentials means nothing here, so an import clears it (decision 35).
/// </summary>
public static class PickerCredentials
{
    private const string Member = "_credentials_id";

    /// <summary>The ids that the constants of a graph name.</summary>
    /// <param name="graph">The graph.</param>
    public static IEnumerable<string> Named(Graph graph) => graph.Nodes.SelectMany(node => Named(node.InputDefault));

    /// <summary>The constants of a node with null in place of the ids that are not known, and the pins where one was; the same constants when there is none.</summary>
    /// <param name="defaults">The constants, a JSON object.</param>
    /// <param name="known">The ids of the owner's credentials.</param>
    internal static (JsonElement Defaults, IReadOnlyList<string> Pins) Clear(JsonElement defaults, IReadOnlySet<string> known)
    {
        var pins = defaults.EnumerateObject().Where(pin => Named(pin.Value).Any(id => !known.Contains(id))).Select(pin => pin.Name).ToList();
        return pins.Count == 0 ? (defaults, pins) : (Cleared(defaults, known), pins);
    }

    private static IEnumerable<string> Named(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => IsId(member) ? [member.Value.GetString()!] : Named(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Named),
        _ => [],
    };

    private static JsonElement Cleared(JsonElement value, IReadOnlySet<string> known) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonValues.Object(value.EnumerateObject().Select(member => KeyValuePair.Create(
            member.Name, IsId(member) ? (known.Contains(member.Value.GetString()!) ? member.Value : JsonValues.Null) : Cleared(member.Value, known)))),
        JsonValueKind.Array => JsonValues.Array(value.EnumerateArray().Select(item => Cleared(item, known))),
        _ => value,
    };

    private static bool IsId(JsonProperty member) => member.NameEquals(Member) && member.Value.ValueKind == JsonValueKind.String;
}
