using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>A project under src: what it refers to and what its assembly uses.</summary>
internal sealed class ProductProject
{
    private const string OrleansPackage = "Microsoft.Orleans.";
    private const string Embedded = "Orleans.Embedded";

    private readonly string _path;
    private readonly XDocument _xml;

    private ProductProject(string path)
    {
        _path = path;
        _xml = XDocument.Load(path);
    }

    public string Name => Path.GetFileNameWithoutExtension(_path);

    /// <summary>All projects under src, without the embedded runtime itself.</summary>
    public static IEnumerable<ProductProject> All() =>
        from path in Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.csproj", SearchOption.AllDirectories)
        where Path.GetFileNameWithoutExtension(path) != Embedded
        select new ProductProject(path);

    /// <summary>The Orleans packages that this project or one that it refers to names.</summary>
    public IReadOnlySet<string> Packages()
    {
        var own = References("PackageReference").Where(static id => id.StartsWith(OrleansPackage, StringComparison.Ordinal));
        var inherited = References("ProjectReference")
            .Select(reference => new ProductProject(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(_path)!, reference))))
            .SelectMany(static project => project.Packages());
        return own.Concat(inherited).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The Orleans types that the compiled assembly refers to, as namespace and name.</summary>
    public IReadOnlyList<(string Namespace, string Name, string Assembly)> OrleansTypes()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"Grainflow.{Name}.dll")));
        var metadata = file.GetMetadataReader();
        var types = new List<(string, string, string)>();
        foreach (var type in metadata.TypeReferences.Select(metadata.GetTypeReference))
        {
            if (type.ResolutionScope.Kind != HandleKind.AssemblyReference) continue;
            var assembly = metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name);
            if (!assembly.StartsWith("Orleans.", StringComparison.Ordinal)) continue;
            types.Add((metadata.GetString(type.Namespace), metadata.GetString(type.Name), assembly));
        }

        return types;
    }

    /// <summary>The Orleans types that the assembly uses although no package that the project names brings them.</summary>
    /// <param name="assembliesOf">The assemblies that a type lives in, by namespace and name.</param>
    public IEnumerable<string> TypesWithoutPackage(Func<string, string, IReadOnlyCollection<string>> assembliesOf)
    {
        var brought = Packages().SelectMany(OrleansPackages.Assemblies).ToHashSet(StringComparer.Ordinal);
        foreach (var (ns, name, assembly) in OrleansTypes())
        {
            var assemblies = assembly == Embedded ? assembliesOf(ns, name) : [assembly];
            if (assemblies.Any(brought.Contains)) continue;
            yield return $"{Name} uses {ns}.{name} of {string.Join(" or ", assemblies)}, which none of its packages brings: {string.Join(", ", Packages())}.";
        }
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props"))) return folder.FullName;
        }

        // A build into a folder elsewhere: the sources are where this file was compiled.
        return Path.GetFullPath(Path.Combine(SourceFolder(), "../../.."));
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private IEnumerable<string> References(string element) =>
        _xml.Descendants(element).Attributes("Include").Select(static attribute => attribute.Value);
}
