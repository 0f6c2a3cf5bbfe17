using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>
/// What a type must be to cross a grain boundary: Orleans can serialize it (its diagnostics ORLEANS0004 to 0012, 0101 and 0107),
/// and nobody can change it, because inside of one process it crosses by reference.
/// </summary>
internal sealed class MessageRules
{
    private static readonly FrozenSet<Type> s_leaves = new[]
    {
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(float), typeof(double), typeof(decimal), typeof(char), typeof(string), typeof(Guid), typeof(DateTimeOffset), typeof(DateOnly),
        typeof(TimeOnly), typeof(TimeSpan),
    }.ToFrozenSet();

    private static readonly FrozenSet<Type> s_collections = new[]
    {
        typeof(ImmutableArray<>), typeof(ImmutableDictionary<,>), typeof(FrozenDictionary<,>), typeof(Nullable<>),
    }.ToFrozenSet();

    private readonly HashSet<Type> _seen = [];
    private readonly Dictionary<string, Type> _aliases = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];

    /// <summary>What is wrong with the types that were checked.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Checks a type and all that it is made of.</summary>
    /// <param name="type">An argument or result of a grain interface method, or a part of one.</param>
    /// <param name="where">Where it stands, for the message.</param>
    public void Check(Type type, string where)
    {
        if (s_leaves.Contains(type)) return;
        if (type.IsEnum)
        {
            if (!type.IsVisible) _violations.Add($"{where}: enum {type} is not public.");
            return;
        }

        if (type.IsGenericType && s_collections.Contains(type.GetGenericTypeDefinition()))
        {
            foreach (var argument in type.GetGenericArguments()) Check(argument, where);
            return;
        }

        if (Refusal(type) is { } refusal) _violations.Add($"{where}: {type} {refusal}");
        else if (_seen.Add(type)) CheckMessage(type);
    }

    private static string? Refusal(Type type) => type switch
    {
        { IsArray: true } => "can be changed by both sides; use ImmutableArray<T>.",
        { IsInterface: true } => "is an interface: which type arrives is not known.",
        { Namespace: not null } when type.Namespace.StartsWith("System.Collections", StringComparison.Ordinal) => "can be changed by both sides; use ImmutableArray<T> or ImmutableDictionary<TKey, TValue>.",
        { Namespace: not null } when type.Namespace.StartsWith("System", StringComparison.Ordinal) => "is no type that Orleans serializes, or not one that this project sends.",
        { IsGenericType: true } => "is generic; its alias would have to tell the arguments.",
        { IsAbstract: true } => "is abstract: which type arrives is not known.",
        _ => null,
    };

    private static uint? IdOf(MemberInfo member) => member.GetCustomAttribute<IdAttribute>()?.Id;

    private static PropertyInfo? PropertyOf(FieldInfo field) => field.Name.StartsWith('<') && field.Name.EndsWith("k__BackingField", StringComparison.Ordinal)
        ? field.DeclaringType!.GetProperty(field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        : null;

    private static bool CanBeChanged(FieldInfo field, PropertyInfo? property)
    {
        if (property is null) return !field.IsInitOnly;
        return property.SetMethod is { } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
    }

    private void CheckMessage(Type type)
    {
        if (!type.IsVisible) _violations.Add($"{type} is not public (ORLEANS0107).");
        if (!type.IsSealed) _violations.Add($"{type} is not sealed: a derived type could be mutable.");
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)) _violations.Add($"{type} derives from {parent}.");
        if (!type.IsDefined(typeof(GenerateSerializerAttribute))) _violations.Add($"{type} has no [GenerateSerializer].");
        if (!type.IsDefined(typeof(ImmutableAttribute))) _violations.Add($"{type} has no [Immutable].");
        CheckAlias(type);

        var ids = new Dictionary<uint, string>();
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(static field => !field.IsDefined(typeof(NonSerializedAttribute))))
        {
            var property = PropertyOf(field);
            var name = property?.Name ?? field.Name;
            if (CanBeChanged(field, property)) _violations.Add($"{type}.{name} can be changed: make it readonly, get or init.");
            if (IdOf(field) is { } onField) AddId(type, ids, onField, name);
            else if (property is not null && IdOf(property) is { } onProperty) AddId(type, ids, onProperty, name);
            else _violations.Add($"{type}.{name} has no [Id] (ORLEANS0004). A parameter of a record takes [property: Id(n)]; without it its place would be its number.");
            Check(field.FieldType, $"{type}.{name}");
        }

        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (IdOf(property) is not null && !ids.ContainsValue(property.Name)) _violations.Add($"{type}.{property.Name} has an [Id] but stores nothing (ORLEANS0101).");
        }
    }

    private void AddId(Type type, Dictionary<uint, string> ids, uint id, string name)
    {
        if (!ids.TryAdd(id, name)) _violations.Add($"{type}: {ids[id]} and {name} have the same [Id({id})] (ORLEANS0012).");
    }

    private void CheckAlias(Type type)
    {
        if (type.GetCustomAttributes<AliasAttribute>(inherit: false).FirstOrDefault() is not { } alias) _violations.Add($"{type} has no [Alias] (ORLEANS0010).");
        else if (!_aliases.TryAdd(alias.Alias, type)) _violations.Add($"{type} and {_aliases[alias.Alias]} have the same alias '{alias.Alias}' (ORLEANS0011).");
    }
}
