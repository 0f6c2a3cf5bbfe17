namespace Grainflow.TestSupport;

/// <summary>The shared contract, which lies outside the repository. Tests that need it are skipped where it is absent.</summary>
public static class SharedFiles
{
    /// <summary>The environment variable that names the shared folder.</summary>
    public const string Variable = "GRAINFLOW_SHARED";

    /// <summary>The shared folder (the parent of <c>contract</c>), or null.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return HasContract(named) ? named : null;

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared");
            if (HasContract(shared)) return shared;
        }

        return null;
    }

    /// <summary>The path of a file of the contract; skips the running test when it is absent.</summary>
    /// <param name="name">The file's name, for example <c>coercion-vectors.json</c>.</param>
    public static string Contract(string name) => Require(Path.Combine("contract", name));

    /// <summary>The path of a shared file or folder; skips the running test when it is absent.</summary>
    /// <param name="relative">The path below the shared folder.</param>
    public static string Require(string relative)
    {
        var shared = Find() ?? throw Skip($"no folder shared/contract beside the checkout and no {Variable}");
        var path = Path.Combine(shared, relative);
        return Path.Exists(path) ? path : throw Skip($"{relative} is not in the shared folder");
    }

    private static bool HasContract(string folder) => Directory.Exists(Path.Combine(folder, "contract"));

    // xunit v3 takes every exception whose message begins so as a skip; Assert.Skip throws the same.
    private static InvalidOperationException Skip(string reason) => new("$XunitDynamicSkip$" + reason);
}
