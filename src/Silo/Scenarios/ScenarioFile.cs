using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.Scenarios;

/// <summary>A file of cases: inputs, clock, scripted services and what is expected (contract: agents/INDEX.md, "Running them").</summary>
internal static class ScenarioFile
{
    /// <summary>The cases that are meant for an agent.</summary>
    /// <param name="path">The file.</param>
    /// <param name="agentFile">The name of the agent's file.</param>
    /// <param name="caseName">Only the case of that name, or null for all.</param>
    /// <exception cref="CliException">The file is not there or not of that form, or no case is meant for the agent.</exception>
    public static IReadOnlyList<ScenarioCase> Read(string path, string agentFile, string? caseName)
    {
        var root = Parse(path);
        if (root.ValueKind != JsonValueKind.Array) throw new CliException($"The scenario '{path}' must be a JSON list of cases.");
        var cases = root.EnumerateArray().Select((element, index) =>
            element.Member("agent_file") is { ValueKind: JsonValueKind.String } || element.ValueKind != JsonValueKind.Object
                ? ScenarioCase.Read(element, $"[{index}]")
                : throw new CliException($"The scenario '{path}': case [{index}] must name its 'agent_file'."));
        var meant = cases.Where(item => item.AgentFile == agentFile).ToList();

        if (meant.Count == 0) throw new CliException($"The scenario '{path}' has no case for {agentFile}: a case names its agent by 'agent_file'.", ExitCodes.Usage);
        if (caseName is null) return meant;
        var named = meant.Where(item => item.Name == caseName).ToList();
        return named.Count > 0
            ? named
            : throw new CliException($"The scenario '{path}' has no case '{caseName}' for {agentFile}; it has {string.Join(", ", meant.Select(item => $"'{item.Name}'"))}.", ExitCodes.Usage);
    }

    private static JsonElement Parse(string path)
    {
        var content = FileText.Read(path, "scenario");
        try
        {
            return JsonValues.ParseUtf8(content);
        }
        catch (JsonException exception)
        {
            var place = exception.LineNumber is null ? "" : $" at line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}";
            var reason = exception.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0];
            throw new CliException($"The scenario '{path}' is not valid JSON{place}: {reason}");
        }
    }
}
