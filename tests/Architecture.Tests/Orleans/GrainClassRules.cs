using System.Reflection;
using Orleans.Concurrency;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>What a set of grain classes must be.</summary>
internal static class GrainClassRules
{
    /// <summary>The grain classes of an assembly.</summary>
    /// <param name="assembly">The assembly.</param>
    public static IEnumerable<Type> In(Assembly assembly) =>
        assembly.GetTypes().Where(static type => type is { IsClass: true, IsAbstract: false } && typeof(IGrainBase).IsAssignableFrom(type));

    /// <summary>What is wrong with grain classes.</summary>
    /// <param name="classes">All grain classes of a silo.</param>
    public static IEnumerable<string> Violations(IReadOnlyCollection<Type> classes)
    {
        foreach (var same in classes.GroupBy(GrainTypeOf, StringComparer.Ordinal).Where(static same => same.Count() > 1))
        {
            yield return $"{string.Join(" and ", same)} have the same grain type '{same.Key}'.";
        }

        foreach (var grain in classes)
        {
            foreach (var method in grain.GetMethods().Where(static method => method.IsDefined(typeof(AlwaysInterleaveAttribute)) || method.IsDefined(typeof(ReadOnlyAttribute))))
            {
                yield return $"{grain}.{method.Name} bears an interleaving attribute, which counts on the interface only (ORLEANS0001).";
            }
        }

        var states = (from grain in classes
                      from constructor in grain.GetConstructors()
                      from parameter in constructor.GetParameters()
                      let state = parameter.GetCustomAttribute<PersistentStateAttribute>()
                      where state is not null
                      select (Grain: grain, Parameter: parameter, State: state)).ToArray();

        // Stored rows are told apart by state name and key, not by grain class: two classes would overwrite each other's.
        foreach (var same in states.GroupBy(static state => (state.State.StorageName, state.State.StateName)).Where(static same => same.Count() > 1))
        {
            yield return $"{string.Join(" and ", same.Select(static state => state.Grain))} have the same state name '{same.Key.StateName}' in storage '{same.Key.StorageName}'.";
        }

        foreach (var (grain, parameter, _) in states)
        {
            var type = parameter.ParameterType;
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>)) yield return $"{grain}: {parameter.Name} bears [PersistentState] but is no IPersistentState<T>.";
            else if (type.GetGenericArguments()[0].GetConstructor(Type.EmptyTypes) is null) yield return $"{grain}: {type.GetGenericArguments()[0]} has no parameterless constructor.";
        }
    }

    /// <summary>The name that Orleans gives a grain class by convention.</summary>
    private static string GrainTypeOf(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.Length > "grain".Length && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^"grain".Length] : name;
    }
}
