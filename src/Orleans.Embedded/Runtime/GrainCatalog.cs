using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The grain classes of this process, found in the assemblies that reference Orleans.</summary>
internal sealed class GrainCatalog
{
    private readonly Dictionary<GrainType, GrainClass> _byType = [];
    private readonly ILookup<Type, GrainClass> _byInterface;
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> _resolved = new();

    public GrainCatalog(IOptions<GrainCollectionOptions> options)
    {
        foreach (var type in Assemblies().SelectMany(static assembly => assembly.GetTypes()).Where(static type => IsGrainClass(type)))
        {
            var grainClass = new GrainClass(type, options.Value);
            if (!_byType.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"Grain classes {_byType[grainClass.GrainType].Type} and {type} have the same grain type '{grainClass.GrainType}'. Rename one of them.");
            }
        }

        _byInterface = _byType.Values
            .SelectMany(static grainClass => grainClass.Interfaces, static (grainClass, type) => (type, grainClass))
            .ToLookup(static pair => pair.type, static pair => pair.grainClass);
    }

    public GrainClass this[GrainType type] => _byType[type];

    /// <summary>The one class that implements an interface.</summary>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public GrainClass Resolve(Type interfaceType, string? classNamePrefix) =>
        _resolved.GetOrAdd((interfaceType, classNamePrefix), static (key, catalog) => catalog.Find(key.Interface, key.Prefix), this);

    private GrainClass Find(Type interfaceType, string? prefix)
    {
        GrainClass[] candidates = [.. _byInterface[interfaceType]];
        var asked = "";
        if (!string.IsNullOrEmpty(prefix))
        {
            asked = $" with a name that begins with \"{prefix}\"";
            candidates = Array.FindAll(candidates, candidate => candidate.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal));
        }

        if (candidates.Length == 1) return candidates[0];
        if (candidates.Length == 0) throw new ArgumentException($"Could not find an implementation for interface {interfaceType}{asked}.", nameof(interfaceType));

        // The class that the prefix spells out, or else the one that is named after the interface.
        var preferred = Array.FindAll(candidates, candidate => string.IsNullOrEmpty(prefix)
            ? string.Equals(candidate.Type.Name, interfaceType.Name[1..], StringComparison.Ordinal)
            : string.Equals(candidate.Type.FullName, prefix, StringComparison.Ordinal));
        if (preferred.Length == 1) return preferred[0];

        var names = string.Join(", ", candidates.Select(static candidate => candidate.Type.FullName));
        throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {interfaceType}{asked}. Candidates: {names}.", nameof(interfaceType));
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && typeof(IGrainBase).IsAssignableFrom(type)
        && Array.Exists(type.GetInterfaces(), static candidate => GrainClass.IsGrainInterface(candidate));

    /// <summary>What is loaded, and all that the program references, whether loaded yet or not.</summary>
    private static IEnumerable<Assembly> Assemblies()
    {
        var orleans = typeof(IGrain).Assembly.GetName().Name;
        var seen = new Dictionary<string, Assembly>(StringComparer.Ordinal);
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        if (Assembly.GetEntryAssembly() is { } entry) open.Enqueue(entry);
        while (open.TryDequeue(out var assembly))
        {
            if (assembly.IsDynamic || !seen.TryAdd(assembly.FullName!, assembly)) continue;
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                if (!IsFramework(reference) && !seen.ContainsKey(reference.FullName) && TryLoad(reference) is { } loaded) open.Enqueue(loaded);
            }
        }

        return seen.Values.Where(assembly => Array.Exists(
            assembly.GetReferencedAssemblies(),
            reference => string.Equals(reference.Name, orleans, StringComparison.Ordinal)));
    }

    private static bool IsFramework(AssemblyName name) =>
        name.Name is "mscorlib" or "netstandard" or "System"
        || name.Name!.StartsWith("System.", StringComparison.Ordinal)
        || name.Name.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (IOException)
        {
            // A reference that is not deployed cannot hold grain classes that are used.
            return null;
        }
    }
}
