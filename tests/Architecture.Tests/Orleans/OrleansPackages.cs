namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>
/// Which assemblies come with which Orleans package. Taken from the project references of Orleans itself: a package is one
/// assembly and depends on the packages of the projects that its own refers to (src/*/*.csproj of dotnet/orleans, version 10).
/// </summary>
internal static class OrleansPackages
{
    private static readonly string[] s_core = ["Orleans.Core", "Orleans.Core.Abstractions", "Orleans.Serialization", "Orleans.Serialization.Abstractions"];

    private static readonly string[] s_runtime = [.. s_core, "Orleans.Runtime"];

    private static readonly Dictionary<string, string[]> s_assemblies = new(StringComparer.Ordinal)
    {
        // Sdk adds analyzers and the code generator to Core.
        ["Microsoft.Orleans.Sdk"] = s_core,
        ["Microsoft.Orleans.Client"] = s_core,
        ["Microsoft.Orleans.Server"] = [.. s_runtime, "Orleans.Persistence.Memory"],
        ["Microsoft.Orleans.Clustering.AdoNet"] = [.. s_runtime, "Orleans.Clustering.AdoNet"],
        ["Microsoft.Orleans.Persistence.AdoNet"] = [.. s_runtime, "Orleans.Persistence.AdoNet", "Orleans.Reminders"],
        ["Microsoft.Orleans.Streaming"] = [.. s_runtime, "Orleans.Streaming"],
        ["Microsoft.Orleans.TestingHost"] = [.. s_runtime, "Orleans.DurableJobs", "Orleans.Persistence.Memory", "Orleans.Reminders", "Orleans.Streaming", "Orleans.TestingHost"],
    };

    /// <summary>The assemblies that come with a package.</summary>
    /// <param name="package">Its id.</param>
    public static IEnumerable<string> Assemblies(string package) => s_assemblies.TryGetValue(package, out var assemblies)
        ? assemblies
        : throw new InvalidOperationException($"Package {package} is not in the table of {nameof(OrleansPackages)}: add it with the projects that it refers to.");
}
