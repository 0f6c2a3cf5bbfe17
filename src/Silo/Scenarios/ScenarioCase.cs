using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>One case of a scenario.</summary>
internal sealed record ScenarioCase
{
    public required string Name { get; init; }

    public required ImmutableDictionary<string, JsonElement> Inputs { get; init; }

    /// <summary>What blocks see as the time, or null for the real time.</summary>
    public DateTimeOffset? Clock { get; init; }

    public required ImmutableArray<ModelRule> Rules { get; init; }

    public required ImmutableArray<ExternalCall> Calls { get; init; }

    /// <summary>Output name to values, or null when nothing is expected of them.</summary>
    public JsonElement? ExpectedOutputs { get; init; }

    /// <summary>Node id to output pin to values, or null.</summary>
    public JsonElement? ExpectedNodeOutputs { get; init; }

    /// <summary>Nodes that end FAILED, or null when that does not matter.</summary>
    public ImmutableArray<string>? ExpectedNodeErrors { get; init; }

    public int? ExpectedNodeExecutions { get; init; }

    public long? ExpectedCost { get; init; }

    /// <summary>Reads a case.</summary>
    /// <exception cref="CliException">Something in it is not of the right form; says where.</exception>
    public static ScenarioCase Read(JsonElement element, string path)
    {
        var reader = new CaseReader(element, path);
        return new ScenarioCase
        {
            Name = reader.Text("scenario") ?? "unnamed",
            Inputs = (reader.Object("inputs") ?? JsonValues.EmptyObject).EnumerateObject().ToImmutableDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal),
            Clock = reader.Text("clock") is { } clock ? ParseClock(clock, path) : null,
            Rules = [.. reader.List("llm_rules").Select((rule, index) => ModelRule.Read(rule, $"{path}.llm_rules[{index}]"))],
            Calls = [.. reader.List("external_calls").Select((call, index) => ExternalCall.Read(call, $"{path}.external_calls[{index}]"))],
            ExpectedOutputs = reader.Object("expected_outputs"),
            ExpectedNodeOutputs = reader.Object("expected_node_outputs"),
            ExpectedNodeErrors = element.Member("expected_node_errors") is null ? null : [.. reader.List("expected_node_errors").Select(NodeOf)],
            ExpectedNodeExecutions = (int?)reader.Number("expected_node_executions"),
            ExpectedCost = reader.Number("block_cost_with_system_credentials"),
        };
    }

    private static DateTimeOffset ParseClock(string text, string path) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var clock)
            ? clock
            : throw new CliException($"The scenario: {path}.clock '{text}' is not a time such as 2025-10-20T09:00:00Z.");

    private static string NodeOf(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => error.GetString()!,
        _ => error.Member("node_id") is { ValueKind: JsonValueKind.String } id ? id.GetString()! : error.GetRawText(),
    };
}
