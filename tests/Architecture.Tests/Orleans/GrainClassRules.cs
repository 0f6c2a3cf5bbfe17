using System.Reflection;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>What Orleans' analyzers do not check of the grain classes of a silo.</summary>
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
        var states = (from grain in classes
                      from constructor in grain.GetConstructors()
                      from parameter in constructor.GetParameters()
                      let state = parameter.GetCustomAttribute<PersistentStateAttribute>()
                      where state is not null
                      select (Grain: grain, State: state)).ToArray();

        // The AdoNet provider finds a row by state name and key, not by grain class: two classes would overwrite each other's state.
        foreach (var same in states.GroupBy(static state => (state.State.StorageName, state.State.StateName)).Where(static same => same.Count() > 1))
            yield return $"{string.Join(" and ", same.Select(static state => state.Grain))} have the same state name '{same.Key.StateName}' in storage '{same.Key.StorageName}'.";
    }
}
