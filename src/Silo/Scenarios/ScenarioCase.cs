using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>One case of a scenario (README, "Write one of your own").</summary>
internal sealed record ScenarioCase
{
    /// <summary>All members of a case. Those that nothing reads describe it, as the contract's recorded runs do (contract: agents/INDEX.md).</summary>
    private static readonly string[] Members =
    [
        "agent_file", "scenario", "inputs", "clock", "llm_rules", "external_calls", "expected_outputs", "expected_node_outputs", "expected_node_errors",
        "expected_node_executions", "expected_llm_calls", "block_cost_with_system_credentials", "agent", "needs", "note", "llm_call_log",
    ];

    /// <summary>Its place in the file, such as <c>[0]</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The name of the agent's file.</summary>
    public required string AgentFile { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Values by input name.</summary>
    public required ImmutableDictionary<string, JsonElement> Inputs { get; init; }

    /// <summary>What blocks see as the time, UTC, or null for the real time.</summary>
    public DateTimeOffset? Clock { get; init; }

    /// <summary>Answers of language models; the first that fits is given.</summary>
    public required ImmutableArray<ModelRule> Rules { get; init; }

    /// <summary>Answers of services and doubles of blocks.</summary>
    public required ImmutableArray<ExternalCall> Calls { get; init; }

    /// <summary>Output name to values, or null when nothing is expected of them.</summary>
    public JsonElement? ExpectedOutputs { get; init; }

    /// <summary>Node id to output pin to values, or null.</summary>
    public JsonElement? ExpectedNodeOutputs { get; init; }

    /// <summary>Nodes that end FAILED, or null when that does not matter.</summary>
    public ImmutableArray<string>? ExpectedNodeErrors { get; init; }

    /// <summary>Node executions, those of sub-agents included, or null.</summary>
    public int? ExpectedNodeExecutions { get; init; }

    /// <summary>Requests to language models, or null.</summary>
    public int? ExpectedModelCalls { get; init; }

    /// <summary>What the blocks cost, in credits, or null.</summary>
    public int? ExpectedCost { get; init; }

    /// <summary>Reads a case.</summary>
    /// <param name="element">The case.</param>
    /// <param name="path">Its place in the file.</param>
    /// <exception cref="CliException">Something in it is not known or not of the right form; says where.</exception>
    public static ScenarioCase Read(JsonElement element, string path)
    {
        var reader = new CaseReader(element, path, Members);
        return new ScenarioCase
        {
            Path = path,
            AgentFile = reader.Text("agent_file") ?? throw reader.Wrong("agent_file", "the name of the agent's file"),
            Name = reader.Text("scenario") ?? "unnamed",
            Inputs = (reader.Object("inputs") ?? JsonValues.EmptyObject).EnumerateObject().ToImmutableDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal),
            Clock = reader.Text("clock") is { } clock ? ParseClock(clock, reader) : null,
            Rules = [.. reader.List("llm_rules").Select((rule, index) => ModelRule.Read(rule, $"{path}.llm_rules[{index}]"))],
            Calls = [.. reader.List("external_calls").Select((call, index) => ExternalCall.Read(call, $"{path}.external_calls[{index}]"))],
            ExpectedOutputs = reader.Lists("expected_outputs"),
            ExpectedNodeOutputs = reader.ListsByKey("expected_node_outputs"),
            ExpectedNodeErrors = reader.Value("expected_node_errors") is null
                ? null
                : [.. reader.List("expected_node_errors").Select(error => NodeOf(error) ?? throw reader.Wrong("expected_node_errors", "a list of node ids"))],
            ExpectedNodeExecutions = reader.Number("expected_node_executions", 0, int.MaxValue),
            ExpectedModelCalls = reader.Number("expected_llm_calls", 0, int.MaxValue),
            ExpectedCost = reader.Number("block_cost_with_system_credentials", 0, int.MaxValue),
        };
    }

    private static DateTimeOffset ParseClock(string text, CaseReader reader) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var clock)
            ? clock
            : throw reader.Wrong("clock", $"a time such as 2025-10-20T09:00:00Z, but is '{text}'");

    private static string? NodeOf(JsonElement error) =>
        error.ValueKind == JsonValueKind.String ? error.GetString()! : error.Member("node_id") is { ValueKind: JsonValueKind.String } id ? id.GetString()! : null;
}
