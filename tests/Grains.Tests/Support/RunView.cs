using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.Support;

/// <summary>A run as the database has it.</summary>
internal sealed record RunView(RunRow Row, IReadOnlyList<NodeExecutionRecord> Nodes)
{
    public string Status => Row.Status;

    public bool HasEnded => Row.Status is "COMPLETED" or "FAILED" or "TERMINATED";

    public JsonElement Stats => Row.Stats is { } stats ? JsonValues.ParseUtf8(stats.Span) : JsonValues.EmptyObject;

    public long Stat(string name) => Stats.GetProperty(name).GetInt64();

    /// <summary>The executions of a node, in the order of their creation.</summary>
    public IReadOnlyList<NodeExecutionRecord> Of(string nodeId) => [.. Nodes.Where(node => node.Row.NodeId == nodeId)];

    /// <summary>The only execution of a node.</summary>
    public NodeExecutionRecord The(string nodeId) => Assert.Single(Of(nodeId));

    /// <summary>What the executions of a node gave on a pin, as JSON.</summary>
    public IReadOnlyList<string> Outputs(string nodeId, string pin) =>
        [.. Of(nodeId).SelectMany(node => node.Outputs).Where(output => output.Pin == pin).Select(output => Encoding.UTF8.GetString(output.Value.Span))];

    /// <summary>What an Output node recorded, as JSON.</summary>
    public IReadOnlyList<string> Results(string output) => Outputs(output, "output");

    public override string ToString() =>
        $"run {Row.Id} is {Status} {Row.Error}; nodes: "
        + string.Join(", ", Nodes.Select(node => $"{node.Row.NodeId}#{node.Row.Ordinal} {node.Row.Status}/{node.Row.Attempt} {node.Row.Error}"));
}
