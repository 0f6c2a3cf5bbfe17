using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.Scenarios;

/// <summary>Compares the result of a case with its expectations.</summary>
/// <param name="expected">The case.</param>
internal sealed class CaseCheck(ScenarioCase expected)
{
    private readonly List<string> _lines = [];

    /// <summary>A line for each comparison.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>True while everything agrees.</summary>
    public bool Holds { get; private set; } = true;

    /// <summary>Compares a run.</summary>
    /// <param name="result">The result of the run.</param>
    /// <param name="nodes">Its node executions, with the node ids of the agent's file.</param>
    /// <param name="modelCalls">Requests to language models that the run made.</param>
    /// <param name="doubled">Blocks that were called and are not built; the cost is not compared then.</param>
    public void Compare(RunResult result, IReadOnlyList<FinishedNode> nodes, int modelCalls, IReadOnlyCollection<string> doubled)
    {
        Line("status", result.Status == "COMPLETED", result.Status, "COMPLETED");
        if (expected.ExpectedOutputs is { } outputs) CompareOutputs(outputs, result);
        if (expected.ExpectedNodeOutputs is { } nodeOutputs) CompareNodeOutputs(nodeOutputs, nodes);
        if (expected.ExpectedNodeErrors is { } errors)
        {
            var failed = nodes.Where(node => node.Status == ExecutionStatus.Failed).Select(node => node.NodeId).Order(StringComparer.Ordinal).ToList();
            Line("node errors", failed.SequenceEqual(errors.Order(StringComparer.Ordinal), StringComparer.Ordinal), List(failed), List(errors));
        }

        if (expected.ExpectedNodeExecutions is { } count) Line("node executions", Stat(result, "node_exec_count") == count, Stat(result, "node_exec_count"), count);
        if (expected.ExpectedModelCalls is { } calls) Line("model calls", modelCalls == calls, modelCalls, calls);
        if (expected.ExpectedCost is not { } cost) return;
        if (doubled.Count > 0) _lines.Add($"  cost: not compared, {doubled.Count} of the blocks called {(doubled.Count == 1 ? "is" : "are")} not built");
        else Line("cost", Stat(result, "cost") == cost, Stat(result, "cost"), cost);
    }

    private void CompareOutputs(JsonElement outputs, RunResult result)
    {
        foreach (var output in outputs.EnumerateObject())
        {
            var given = result.Outputs.TryGetValue(output.Name, out var values) ? JsonValues.Array(values) : JsonValues.EmptyArray;
            Line($"output '{output.Name}'", ValueEquality.AreEqual(given, output.Value), Shown(given), Shown(output.Value));
        }

        foreach (var (name, values) in result.Outputs.Where(output => outputs.Member(output.Key) is null))
            Line($"output '{name}'", false, Shown(JsonValues.Array(values)), "none");
        if (!outputs.EnumerateObject().Any() && result.Outputs.Count == 0) _lines.Add("  outputs: none, as expected");
    }

    private void CompareNodeOutputs(JsonElement nodeOutputs, IReadOnlyList<FinishedNode> nodes)
    {
        foreach (var node in nodeOutputs.EnumerateObject())
        {
            foreach (var pin in node.Value.EnumerateObject())
            {
                var given = JsonValues.Array(nodes.Where(item => item.NodeId == node.Name).SelectMany(item => item.Outputs).Where(output => output.Key == pin.Name).Select(output => output.Value));
                Line($"node {node.Name} {pin.Name}", ValueEquality.AreEqual(given, pin.Value), Shown(given), Shown(pin.Value));
            }
        }
    }

    private void Line(string what, bool agrees, object given, object wanted)
    {
        Holds &= agrees;
        _lines.Add(agrees ? $"  {what}: {given}, as expected" : $"  {what}: {given}\n    EXPECTED: {wanted}");
    }

    private static long Stat(RunResult result, string name) => result.Stats.Member(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;

    private static string List(IEnumerable<string> items) => string.Join(", ", items) is { Length: > 0 } text ? text : "none";

    private static string Shown(JsonElement value) => JsonValues.Compact(value);
}
