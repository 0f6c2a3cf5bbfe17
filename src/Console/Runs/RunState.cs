using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.WebConsole.Runs;

/// <summary>One execution of a node, as the live events have shown it last.</summary>
public sealed class NodeRun
{
    /// <summary>The node execution.</summary>
    public required string Id { get; init; }

    /// <summary>The node.</summary>
    public required string NodeId { get; init; }

    /// <summary>The status on the wire, for example <c>RUNNING</c>.</summary>
    public string Status { get; set; } = "INCOMPLETE";

    /// <summary>When it began to wait; null where that is not known.</summary>
    public DateTimeOffset? Queued { get; set; }

    /// <summary>When its block began; null before.</summary>
    public DateTimeOffset? Started { get; set; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? Ended { get; set; }
}

/// <summary>What a node has done in a run.</summary>
public sealed class NodeState
{
    private readonly Dictionary<string, int> _byStatus = new(StringComparer.Ordinal);

    /// <summary>How often the node was executed.</summary>
    public int Count { get; private set; }

    /// <summary>How often it has completed.</summary>
    public int Completed => _byStatus.GetValueOrDefault("COMPLETED");

    /// <summary>How often it has failed.</summary>
    public int Failed => _byStatus.GetValueOrDefault("FAILED");

    /// <summary>The status that matters most among its executions; empty before the first.</summary>
    public string Status { get; private set; } = "";

    /// <summary>The last event of its newest execution: inputs, outputs and times.</summary>
    public JsonElement Last { get; private set; }

    /// <summary>The newest output, shortened to a line; empty before the first.</summary>
    public string LastValue { get; private set; } = "";

    /// <summary>The message of its newest failure; null without one.</summary>
    public string? Error { get; private set; }

    /// <summary>The text that its block is making, as far as it has come, or its end; null when none is shown (ADR 0040).</summary>
    public string? Partial { get; private set; }

    internal void TakePartial(JsonElement data)
    {
        if (data.Member("output_data") is not { ValueKind: JsonValueKind.Object } outputs) return;
        foreach (var pin in outputs.EnumerateObject().Where(pin => pin.Value is { ValueKind: JsonValueKind.Array } values && values.GetArrayLength() > 0 && values[0].ValueKind == JsonValueKind.String))
        {
            Partial = pin.Value[0].GetString()!;
            LastValue = $"{pin.Name}: {RunState.EndOf(Partial, 80)}";
        }
    }

    internal void Take(string? before, string status, JsonElement data)
    {
        if (before is null) Count++;
        else _byStatus[before]--;
        _byStatus[status] = _byStatus.GetValueOrDefault(status) + 1;
        Status = Order.FirstOrDefault(name => _byStatus.GetValueOrDefault(name) > 0) ?? status;
        (Last, Partial) = (data, null);
        if (data.Member("output_data") is not { ValueKind: JsonValueKind.Object } outputs) return;
        // An output of the agent emits its value and then its name.
        var isNamed = outputs.TryGetProperty("output", out _);
        foreach (var pin in outputs.EnumerateObject().Where(pin => pin.Value.ValueKind == JsonValueKind.Array && pin.Value.GetArrayLength() > 0 && !(isNamed && pin.Name == "name")))
        {
            var value = pin.Value[pin.Value.GetArrayLength() - 1];
            if (pin.Name == "error") Error = RunState.Line(value, 2000);
            LastValue = $"{pin.Name}: {RunState.Line(value, 80)}";
        }
    }

    // What needs somebody, then what goes on, then how it ended.
    private static readonly string[] Order = ["REVIEW", "RUNNING", "QUEUED", "INCOMPLETE", "FAILED", "TERMINATED", "COMPLETED"];
}

/// <summary>A run as its live events show it. Events may come again; the state after them is the same.</summary>
public sealed class RunState
{
    /// <summary>How many node executions are kept one by one; of later ones only the numbers are.</summary>
    public const int MostKept = 5000;

    private readonly Dictionary<string, NodeRun> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _beyond = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);

    /// <summary>The last event of the run itself; undefined before the first.</summary>
    public JsonElement Run { get; private set; }

    /// <summary>The status of the run; empty before the first event.</summary>
    public string Status => Run.Member("status")?.GetString() ?? "";

    /// <summary>True when nothing more follows.</summary>
    public bool HasEnded => Status is "COMPLETED" or "FAILED" or "TERMINATED";

    /// <summary>When the run began; null before.</summary>
    public DateTimeOffset? Started => Time(Run, "started_at");

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? Ended => HasEnded ? Time(Run, "ended_at") : null;

    /// <summary>The node executions in the order in which they came.</summary>
    public List<NodeRun> Executions { get; } = [];

    /// <summary>How many node executions there were beyond those that are kept.</summary>
    public int NotKept => _beyond.Count;

    /// <summary>The state of a node; null for one that was not executed.</summary>
    public NodeState? Of(string nodeId) => _nodes.GetValueOrDefault(nodeId);

    /// <summary>Takes a live event (contract: websocket).</summary>
    /// <param name="data">The data of a run's or a node's event.</param>
    /// <returns>The node that has changed; null for the run itself.</returns>
    public string? Take(JsonElement data)
    {
        if (data.Member("node_exec_id")?.GetString() is not { } id)
        {
            Run = data;
            return null;
        }

        var (nodeId, status) = (data.GetProperty("node_id").GetString()!, data.GetProperty("status").GetString()!);
        if (data.Member("is_partial") is { ValueKind: JsonValueKind.True })
        {
            _nodes.GetValueOrDefault(nodeId)?.TakePartial(data);
            return nodeId;
        }

        string? before;
        if (_kept.TryGetValue(id, out var run))
        {
            before = run.Status;
        }
        else if (_kept.Count < MostKept)
        {
            before = null;
            _kept.Add(id, run = new NodeRun { Id = id, NodeId = nodeId });
            Executions.Add(run);
        }
        else
        {
            before = _beyond.GetValueOrDefault(id);
            _beyond[id] = status;
        }

        if (run is not null) (run.Status, run.Queued, run.Started, run.Ended) = (status, Time(data, "queue_time") ?? Time(data, "add_time"), Time(data, "start_time"), Time(data, "end_time"));
        if (!_nodes.TryGetValue(nodeId, out var node)) _nodes.Add(nodeId, node = new NodeState());
        node.Take(before, status, data);
        return nodeId;
    }

    /// <summary>A value as one line.</summary>
    /// <param name="value">The value.</param>
    /// <param name="most">How many characters at most.</param>
    internal static string Line(JsonElement value, int most)
    {
        var text = (value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()).ReplaceLineEndings(" ");
        return text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";
    }

    /// <summary>The end of a text as one line.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">How many characters at most.</param>
    internal static string EndOf(string text, int most)
    {
        var end = text.Length <= most ? text : text[^(char.IsLowSurrogate(text[^most]) ? most - 1 : most)..];
        return (text.Length <= most ? "" : "…") + end.ReplaceLineEndings(" ");
    }

    private static DateTimeOffset? Time(JsonElement data, string name) => data.Member(name) is { ValueKind: JsonValueKind.String } time ? time.GetDateTimeOffset() : null;
}
