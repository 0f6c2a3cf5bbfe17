using System.Reflection;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>What a grain interface must be (diagnostics ORLEANS0002 and 0008 to 0011, 0102, 0105 and 0109 of Orleans).</summary>
internal sealed class GrainInterfaceRules
{
    private readonly MessageRules _messages = new();
    private readonly Dictionary<string, Type> _aliases = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];

    /// <summary>What is wrong with the interfaces that were checked and with their messages.</summary>
    public IReadOnlyList<string> Violations => [.. _violations, .. _messages.Violations];

    /// <summary>The grain interfaces of an assembly.</summary>
    /// <param name="assembly">The assembly.</param>
    public static IEnumerable<Type> In(Assembly assembly) =>
        assembly.GetTypes().Where(static type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type));

    /// <summary>Checks an interface, its methods and what they carry.</summary>
    /// <param name="type">The interface.</param>
    public void Check(Type type)
    {
        if (!type.IsVisible) _violations.Add($"{type} is not public.");
        if (type.IsGenericType) _violations.Add($"{type} is generic.");
        if (Keys(type) != 1) _violations.Add($"{type} must have exactly one kind of key: a Guid or a text.");
        if (type.GetProperties().Length > 0) _violations.Add($"{type} has properties (ORLEANS0008).");
        if (type.GetEvents().Length > 0) _violations.Add($"{type} has events.");
        if (type.GetCustomAttribute<AliasAttribute>() is not { } alias) _violations.Add($"{type} has no [Alias] (ORLEANS0010).");
        else if (!_aliases.TryAdd(alias.Alias, type)) _violations.Add($"{type} and {_aliases[alias.Alias]} have the same alias '{alias.Alias}' (ORLEANS0011).");

        var methods = new HashSet<string>(StringComparer.Ordinal);
        foreach (var method in type.GetMethods().Where(static method => !method.IsSpecialName)) CheckMethod(type, method, methods);
    }

    private static int Keys(Type type) =>
        type.GetInterfaces().Count(static parent => parent == typeof(IGrainWithStringKey) || parent == typeof(IGrainWithGuidKey));

    private void CheckMethod(Type type, MethodInfo method, HashSet<string> aliases)
    {
        var name = $"{type}.{method.Name}";
        if (method.GetCustomAttribute<AliasAttribute>() is not { } alias) _violations.Add($"{name} has no [Alias] (ORLEANS0010).");
        else if (!aliases.Add(alias.Alias)) _violations.Add($"{name} has the alias '{alias.Alias}' of another method (ORLEANS0011).");
        if (method.IsGenericMethod) _violations.Add($"{name} has type parameters.");
        CheckResult(method, name);

        var parameters = method.GetParameters();
        if (parameters.Count(static parameter => parameter.ParameterType == typeof(CancellationToken)) > 1) _violations.Add($"{name} has several cancellation tokens (ORLEANS0109).");
        foreach (var parameter in parameters.Where(static parameter => parameter.ParameterType != typeof(CancellationToken)))
        {
            if (parameter.ParameterType.IsByRef) _violations.Add($"{name}: {parameter.Name} is passed by reference (ORLEANS0002).");
            else _messages.Check(parameter.ParameterType, $"{name}({parameter.Name})");
        }
    }

    private void CheckResult(MethodInfo method, string name)
    {
        var result = method.ReturnType;
        if (result == typeof(Task) || result == typeof(ValueTask)) return;
        if (result.IsGenericType && (result.GetGenericTypeDefinition() == typeof(Task<>) || result.GetGenericTypeDefinition() == typeof(ValueTask<>)))
        {
            _messages.Check(result.GetGenericArguments()[0], $"result of {name}");
            return;
        }

        _violations.Add($"{name} must return Task, Task<T>, ValueTask or ValueTask<T> (ORLEANS0009).");
    }
}
