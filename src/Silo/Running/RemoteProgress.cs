using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;

namespace Grainflow.Silo.Running;

/// <summary>Prints the progress of a run on a server: a line for each node execution whose status has changed.</summary>
/// <param name="writer">Where lines go; null prints nothing.</param>
/// <param name="graph">The graph, as the API answers with it.</param>
internal sealed class RemoteProgress(TextWriter? writer, JsonElement graph)
{
    private readonly ProgressLines _lines = new(writer);
    private readonly Dictionary<string, string> _shown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _titles = graph.GetProperty("nodes").EnumerateArray().ToDictionary(node => node.GetProperty("id").GetString()!, Title, StringComparer.Ordinal);

    /// <summary>Prints a line that belongs to no node.</summary>
    public void Say(string line) => _lines.Write(line);

    /// <summary>Shows a text that is still made, on a terminal.</summary>
    public void ShowText(string text) => _lines.Show(text);

    /// <summary>Prints the changes since the last answer of the API.</summary>
    /// <param name="run">The run with its node executions.</param>
    public void Show(JsonElement run)
    {
        foreach (var node in run.GetProperty("node_executions").EnumerateArray())
        {
            var status = node.GetProperty("status").GetString()!;
            var id = node.GetProperty("node_exec_id").GetString()!;
            if (status is "INCOMPLETE" or "QUEUED" || (_shown.TryGetValue(id, out var before) && before == status)) continue;
            _shown[id] = status;
            var title = _titles.GetValueOrDefault(node.GetProperty("node_id").GetString()!, id);
            var error = node.GetProperty("output_data").Member("error") is { ValueKind: JsonValueKind.Array } errors && errors.GetArrayLength() > 0 ? $": {errors[0]}" : "";
            Say(status switch
            {
                "RUNNING" => $"  start {title}",
                "FAILED" => $"   fail {title}{error}",
                _ => $"   done {title} {status}",
            });
        }
    }

    /// <summary>Prints the warnings of a run that has ended, and its status.</summary>
    public void End(JsonElement run)
    {
        var (messages, omitted) = RunStatsJson.ReadWarnings(run.GetProperty("stats"));
        foreach (var line in RunProgress.WarningLines(messages, omitted)) Say("  " + line);
        Say($"{graph.GetProperty("name").GetString()}: {run.GetProperty("status").GetString()}{RunProgress.WithWarnings(messages.Count + omitted)}");
    }

    private static string Title(JsonElement node) =>
        node.GetProperty("metadata").Member("customized_name") is { ValueKind: JsonValueKind.String } title ? title.GetString()!
        : node.GetProperty("input_default").Member("name") is { ValueKind: JsonValueKind.String } name ? $"'{name.GetString()}'"
        : node.GetProperty("id").GetString()!;
}
