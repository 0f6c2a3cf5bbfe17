namespace Grainflow.Engine.Tests.Graphs;

/// <summary>The contract's files that are not one JSON value, and the list of the real exports.</summary>
internal static class ContractFiles
{
    private static readonly string? Folder = FindFolder();

    /// <summary>File names of the exported agents; empty where the contract is absent.</summary>
    public static IReadOnlyList<string> Agents { get; } = Folder is null
        ? []
        : [.. Directory.GetFiles(Path.Combine(Folder, "agents"), "*.json").Select(file => Path.GetFileName(file)).Where(name => name != "agent-runs.json").Order(StringComparer.Ordinal)];

    public static byte[] ReadAgent(string name) => File.ReadAllBytes(Path.Combine(Require(), "agents", name));

    public static string[] ReadLines(string name) => File.ReadAllLines(Path.Combine(Require(), name));

    private static string Require()
    {
        if (Folder is null) Assert.Skip(Values.SharedFiles.AbsentReason);
        return Folder;
    }

    private static string? FindFolder()
    {
        if (Environment.GetEnvironmentVariable("GRAINFLOW_SHARED") is { Length: > 0 } shared) return Existing(Path.Combine(shared, "contract"));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Existing(Path.Combine(folder.FullName, "shared", "contract")) is { } found) return found;
        return null;
    }

    private static string? Existing(string folder) => Directory.Exists(folder) ? folder : null;
}
