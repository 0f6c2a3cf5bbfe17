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
        JsonElement root;
        try
        {
            root = JsonValues.ParseUtf8(FileText.Read(path, "scenario"));
        }
        catch (JsonException exception)
        {
            throw new CliException($"The scenario '{path}' is not valid JSON at line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}.");
        }

        if (root.ValueKind != JsonValueKind.Array) throw new CliException($"The scenario '{path}' must be a JSON list of cases.");
        var meant = new List<ScenarioCase>();
        foreach (var (element, index) in root.EnumerateArray().Select((element, index) => (element, index)))
        {
            if (element.Member("agent_file") is not { ValueKind: JsonValueKind.String } file)
                throw new CliException($"The scenario '{path}': case [{index}] must name its 'agent_file'.");
            if (file.GetString() == agentFile) meant.Add(ScenarioCase.Read(element, $"[{index}]"));
        }

        if (meant.Count == 0) throw new CliException($"The scenario '{path}' has no case for {agentFile}: a case names its agent by 'agent_file'.", ExitCodes.Usage);
        if (caseName is null) return meant;
        var named = meant.Where(item => item.Name == caseName).ToList();
        return named.Count > 0
            ? named
            : throw new CliException($"The scenario '{path}' has no case '{caseName}' for {agentFile}; it has {string.Join(", ", meant.Select(item => $"'{item.Name}'"))}.", ExitCodes.Usage);
    }
}
