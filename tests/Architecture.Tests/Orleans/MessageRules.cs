using System.Reflection;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>
/// What Orleans' analyzers do not check of the messages of the project: that nobody can change one, which is what lets a silo hand it to a
/// grain of its own without a copy, and that names on the wire are unique over all of them.
/// </summary>
internal static class MessageRules
{
    /// <summary>The types of an assembly that Orleans serializes.</summary>
    /// <param name="assembly">The assembly.</param>
    public static IEnumerable<Type> In(Assembly assembly) => assembly.GetTypes().Where(static type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));

    /// <summary>What is wrong with messages.</summary>
    /// <param name="messages">All messages of the project.</param>
    public static IEnumerable<string> Violations(IReadOnlyCollection<Type> messages)
    {
        foreach (var same in messages.GroupBy(AliasOf, StringComparer.Ordinal).Where(static same => same.Key is null || same.Count() > 1))
            yield return same.Key is null ? $"{string.Join(" and ", same)} have no [Alias]." : $"{string.Join(" and ", same)} have the same alias '{same.Key}'.";

        foreach (var type in messages.Where(static type => !type.IsEnum && !typeof(Exception).IsAssignableFrom(type)))
        {
            if (!type.IsSealed) yield return $"{type} is not sealed: a derived type could be mutable.";
            if (!type.IsDefined(typeof(ImmutableAttribute))) yield return $"{type} has no [Immutable], so each call inside a silo copies it.";
            foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(IsSettable)) yield return $"{type}.{property.Name} can be set after construction.";
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public).Where(static field => !field.IsInitOnly)) yield return $"{type}.{field.Name} can be changed.";
        }
    }

    private static string? AliasOf(Type type) => type.GetCustomAttributes<AliasAttribute>(inherit: false).FirstOrDefault()?.Alias;

    private static bool IsSettable(PropertyInfo property) =>
        property.SetMethod is { IsPublic: true } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));
}
