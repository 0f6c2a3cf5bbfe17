using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Silo.Running;

/// <summary>The result of a run that has ended.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">A status of the contract.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Outputs">Output name to values.</param>
/// <param name="Stats">The API's statistics, an object.</param>
internal sealed record RunResult(Guid RunId, string Status, string? Error, OrderedDictionary<string, List<JsonElement>> Outputs, JsonElement Stats)
{
    /// <summary>The JSON for standard output.</summary>
    /// <param name="names">Puts the node ids of the user's file into a warning; null leaves those of the run.</param>
    public string ToJson(Func<string, string>? names = null)
    {
        var stats = Stats.EnumerateObject().Select(member => KeyValuePair.Create(
                member.Name, names is not null && member.Name == "warnings" ? Renamed(member.Value, names) : member.Value))
            .Append(KeyValuePair.Create("error", JsonValues.From(Error)));
        var result = JsonValues.Object(
            KeyValuePair.Create("graph_exec_id", JsonValues.From(RunId.ToString())),
            KeyValuePair.Create("status", JsonValues.From(Status)),
            KeyValuePair.Create("outputs", JsonValues.Object(Outputs.Select(output => KeyValuePair.Create(output.Key, JsonValues.Array(output.Value))))),
            KeyValuePair.Create("stats", JsonValues.Object(stats)));
        return JsonSerializer.Serialize(result, Indented);
    }

    private static JsonElement Renamed(JsonElement value, Func<string, string> names) => value.ValueKind switch
    {
        JsonValueKind.String => JsonValues.From(names(value.GetString()!)),
        JsonValueKind.Array => JsonValues.Array(value.EnumerateArray().Select(item => Renamed(item, names))),
        JsonValueKind.Object => JsonValues.Object(value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Renamed(member.Value, names)))),
        _ => value,
    };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, MaxDepth = JsonValues.MaxDocumentDepth, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
