using System.Collections.Immutable;
using System.Reflection;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>Makes a message of every type, with a value in each member that differs from the member's default.</summary>
internal sealed class SampleMessages
{
    private int _next = 1;

    /// <summary>The types that grains send each other.</summary>
    public static IEnumerable<Type> Types => typeof(Interfaces.JsonPayload).Assembly.GetTypes()
        .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        .OrderBy(type => type.FullName, StringComparer.Ordinal);

    /// <summary>A message of a type.</summary>
    public object Of(Type type)
    {
        var number = _next++;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying);
        if (type == typeof(string)) return $"text {number}";
        if (type == typeof(Guid)) return new Guid(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        if (type == typeof(bool)) return true;
        if (type == typeof(DateTimeOffset)) return DateTimeOffset.UnixEpoch.AddMinutes(number);
        if (type.IsEnum) return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        if (type.IsPrimitive) return Convert.ChangeType(number % 100, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)) return ArrayOf(type.GetGenericArguments()[0]);
        return Filled(type);
    }

    private object ArrayOf(Type element)
    {
        var items = Array.CreateInstance(element, 2);
        for (var i = 0; i < items.Length; i++) items.SetValue(Of(element), i);
        return typeof(SampleMessages).GetMethod(nameof(Immutable), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(element).Invoke(null, [items])!;
    }

    private static ImmutableArray<T> Immutable<T>(T[] items) => ImmutableArray.Create(items);

    private object Filled(Type type)
    {
        var message = Activator.CreateInstance(type) ?? throw new InvalidOperationException($"There is no sample of {type}.");
        foreach (var property in type.GetProperties().Where(property => property.IsDefined(typeof(IdAttribute)))) property.SetValue(message, Of(property.PropertyType));
        return message;
    }
}
