using System.Text.RegularExpressions;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>A project uses only types of Orleans packages that it names, so that it compiles against the real ones.</summary>
public sealed class OrleansPackageVectorsTests
{
    [Fact]
    public void Every_project_names_the_Orleans_packages_whose_types_it_uses()
    {
        var assemblies = ReadAssemblies();

        var missing = string.Join('\n', ProductProject.All().SelectMany(project => project.TypesWithoutPackage((ns, name) =>
            assemblies.TryGetValue((ns, name), out var found) ? found : [])));

        Assert.True(missing.Length == 0, missing);
    }

    [Fact]
    public void The_grain_interfaces_use_types_of_the_Sdk_only()
    {
        var project = ProductProject.All().Single(static project => project.Name == "Grains.Interfaces");

        Assert.Equal(["Microsoft.Orleans.Sdk"], project.Packages());
        Assert.NotEmpty(project.OrleansTypes());
    }

    [Fact]
    public void A_type_that_no_package_brings_is_found()
    {
        var project = ProductProject.All().Single(static project => project.Name == "Grains.Interfaces");

        Assert.NotEmpty(project.TypesWithoutPackage(static (_, _) => ["Orleans.Runtime"]));
        Assert.NotEmpty(project.TypesWithoutPackage(static (_, _) => []));
        Assert.Empty(project.TypesWithoutPackage(static (_, _) => ["Orleans.Runtime", "Orleans.Core.Abstractions"]));
    }

    [Fact]
    public void A_package_that_is_not_in_the_table_is_refused_by_name()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => OrleansPackages.Assemblies("Microsoft.Orleans.Unknown"));

        Assert.Contains("Microsoft.Orleans.Unknown", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The assemblies of each type of Orleans, by namespace and metadata name, from the shared contract.</summary>
    private static Dictionary<(string Namespace, string Name), HashSet<string>> ReadAssemblies()
    {
        var path = Find();
        if (path is null) Assert.Skip("The shared contract is not here: set GRAINFLOW_SHARED to its folder.");
        var assemblies = new Dictionary<(string, string), HashSet<string>>();
        foreach (var columns in File.ReadLines(path).Skip(1).Select(static line => line.Split('\t')))
        {
            var key = (columns[1], MetadataName(columns[2]));
            if (!assemblies.TryGetValue(key, out var found)) assemblies[key] = found = new HashSet<string>(StringComparer.Ordinal);
            found.Add(columns[0]);
        }

        return assemblies;
    }

    /// <summary>The table writes Name&lt;T1, T2&gt; where metadata has Name`2.</summary>
    private static string MetadataName(string type)
    {
        var generic = Regex.Match(type, "^(?<name>[^<]*)<(?<arguments>.*)>$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return generic.Success ? $"{generic.Groups["name"].Value}`{generic.Groups["arguments"].Value.Split(',').Length}" : type;
    }

    private static string? Find()
    {
        const string file = "contract/orleans-api.tsv";
        if (Environment.GetEnvironmentVariable("GRAINFLOW_SHARED") is { Length: > 0 } shared) return Path.Combine(shared, file);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", file);
            if (File.Exists(path)) return path;
        }

        return null;
    }
}
