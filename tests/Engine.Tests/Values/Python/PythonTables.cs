using System.Text.Json;

namespace Grainflow.Engine.Tests.Values.Python;

/// <summary>What Python answered; <c>tables.py</c> beside this file writes it.</summary>
internal static class PythonTables
{
    public static IEnumerable<string> Lines(string name)
    {
        using var reader = new StreamReader(typeof(PythonTables).Assembly.GetManifestResourceStream(name)!);
        while (reader.ReadLine() is { } line)
            if (!line.StartsWith('#')) yield return line;
    }

    public static IReadOnlyList<JsonElement> Rows(string name) => [.. Lines(name).Select(line => JsonElement.Parse(line))];
}
