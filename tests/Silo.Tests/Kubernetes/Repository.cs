namespace Grainflow.Silo.Tests.Kubernetes;

/// <summary>Files of the checkout.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>Whether the program has a text in its source.</summary>
    public static bool SourceHas(string text) => Sources.Value.Any(source => source.Contains(text, StringComparison.Ordinal));

    private static readonly Lazy<List<string>> Sources = new(() => [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside a checkout.");
    }
}
