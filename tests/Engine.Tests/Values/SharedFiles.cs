using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

/// <summary>Finds the contract's files, which stand beside the repository and not in it.</summary>
internal static class SharedFiles
{
    public const string AbsentReason = "the shared contract files are not there (GRAINFLOW_SHARED names their folder)";

    public static JsonElement? ReadJson(string name) => Find(name) is { } file ? JsonValues.ParseUtf8(File.ReadAllBytes(file)) : null;

    private static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("GRAINFLOW_SHARED") is { Length: > 0 } shared) return Existing(Path.Combine(shared, "contract", name));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Existing(Path.Combine(folder.FullName, "shared", "contract", name)) is { } file) return file;
        return null;
    }

    private static string? Existing(string file) => File.Exists(file) ? file : null;
}
