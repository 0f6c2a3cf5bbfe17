using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Silo.Running;

/// <summary>The warnings of a run as lines for a terminal.</summary>
internal static class WarningLines
{
    /// <summary>The lines of warnings that the engine has.</summary>
    public static IEnumerable<string> Of(RunWarnings warnings) => Of(warnings.Items.Select(warning => warning.Message), warnings.Omitted);

    /// <summary>The lines of the warnings in statistics of the API.</summary>
    public static IEnumerable<string> Of(JsonElement stats) =>
        Of(Items(stats).Select(warning => warning.GetProperty("message").GetString()!), Omitted(stats));

    /// <summary>How many warnings statistics of the API have, listed or not.</summary>
    public static int Count(JsonElement stats) => Items(stats).Count + Omitted(stats);

    /// <summary>What follows the status of a run with warnings; empty for one without.</summary>
    public static string Suffix(int count) => count switch
    {
        0 => "",
        1 => " with 1 warning",
        _ => $" with {count} warnings",
    };

    private static IEnumerable<string> Of(IEnumerable<string> messages, int omitted)
    {
        foreach (var message in messages) yield return "warning: " + message;
        if (omitted > 0) yield return $"warning: {omitted} more are not listed";
    }

    private static List<JsonElement> Items(JsonElement stats) => stats.Member("warnings") is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray()] : [];

    private static int Omitted(JsonElement stats) => stats.Member("warnings_omitted")?.GetInt32() ?? 0;
}
