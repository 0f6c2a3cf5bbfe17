using System.Reflection;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>The engine is Microsoft Orleans, and nothing in the project takes the place of a part of it (ADR 0016).</summary>
public sealed class OneOrleansTests
{
    /// <summary>
    /// What an application of Orleans implements: its grains, its state and how that is written, where grains are placed, what runs beside them, what its client does
    /// while no silo is in reach, and how a process ends whose silo was declared dead.
    /// </summary>
    private static readonly string[] s_forApplications =
    [
        "IGrainBase", "IAddressable", "IGrain", "IGrainWithGuidKey", "IGrainWithStringKey", "IGrainWithIntegerKey", "IGrainObserver", "IGrainStorageSerializer", "IRemindable",
        "IClientConnectionRetryFilter", "IClusterConnectionStatusObserver", "IFatalErrorHandler",
        "IPlacementDirector", "IPlacementFilterDirector", "IGrainPropertiesProviderAttribute", "ILifecycleParticipant`1",
    ];

    private static readonly Assembly[] s_ours =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "Grainflow.*.dll").Select(file => Assembly.Load(Path.GetFileNameWithoutExtension(file))),
    ];

    [Fact]
    public void Every_assembly_that_bears_the_name_of_Orleans_is_Microsofts()
    {
        var assemblies = Directory.EnumerateFiles(AppContext.BaseDirectory, "Orleans*.dll").Select(file => Assembly.Load(Path.GetFileNameWithoutExtension(file))).ToArray();

        Assert.NotEmpty(assemblies);
        Assert.All(assemblies, assembly => Assert.StartsWith("Microsoft", assembly.GetCustomAttribute<AssemblyCompanyAttribute>()?.Company, StringComparison.Ordinal));
    }

    [Fact]
    public void No_type_of_ours_lives_in_a_namespace_of_Orleans()
    {
        Assert.NotEmpty(s_ours);
        Assert.DoesNotContain(Written(), type => IsOfOrleans(type.Namespace));
    }

    [Fact]
    public void No_type_of_ours_implements_what_Orleans_ships()
    {
        var parts = OrleansTypes().Where(type => type.IsInterface && !s_forApplications.Contains(type.Name)).ToHashSet();

        var violations = from type in Written()
                         where type.IsClass || type.IsValueType
                         from implemented in type.GetInterfaces()
                         let part = implemented.IsGenericType ? implemented.GetGenericTypeDefinition() : implemented
                         where parts.Contains(part)
                         select $"{type} implements {part}";
        Assert.Empty(violations);
    }

    private static IEnumerable<Type> OrleansTypes() =>
        from file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Orleans*.dll")
        from type in Assembly.Load(Path.GetFileNameWithoutExtension(file)).GetExportedTypes()
        where IsOfOrleans(type.Namespace)
        select type;

    private static bool IsOfOrleans(string? space) => space is "Orleans" || (space?.StartsWith("Orleans.", StringComparison.Ordinal) ?? false);

    /// <summary>The types that people wrote, without what Orleans' generator made of them.</summary>
    private static IEnumerable<Type> Written() => s_ours.SelectMany(assembly => assembly.GetTypes()).Where(type => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true && !type.Name.StartsWith('<'));
}
