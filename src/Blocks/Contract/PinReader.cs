using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Reads the pins of a record by reflection. Pins of base records come first; an overriding property replaces the overridden one at its position.</summary>
internal static class PinReader
{
    private static readonly PinAttribute NoFlags = new();

    public static IReadOnlyList<PinModel> Read(Type record)
    {
        var nullability = new NullabilityInfoContext();
        var fresh = record.IsAbstract ? null : Activator.CreateInstance(record);
        var pins = new OrderedDictionary<string, PinModel>(StringComparer.Ordinal);
        foreach (var type in Lineage(record))
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(p => !p.IsDefined(typeof(JsonExtensionDataAttribute), inherit: false)).OrderBy(p => p.MetadataToken))
                pins[property.Name] = Read(property, nullability.Create(property), fresh, property.DeclaringType == record);
        return [.. pins.Values];
    }

    /// <summary>The pin type of a C# type.</summary>
    public static PinType TypeOf(Type type, NullabilityInfo? nullability = null)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return PinType.Nullable(TypeOf(underlying));
        var pinType = TypeOfNotNull(type, nullability);
        return nullability?.WriteState == NullabilityState.Nullable && !type.IsValueType ? PinType.Nullable(pinType) : pinType;
    }

    /// <summary>The cases of a discriminated union; empty for other types.</summary>
    public static IReadOnlyList<JsonDerivedTypeAttribute> Cases(Type type) => [.. type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)];

    private static PinModel Read(PropertyInfo property, NullabilityInfo nullability, object? fresh, bool direct)
    {
        var flags = property.GetCustomAttribute<PinAttribute>(inherit: false) ?? NoFlags;
        var name = property.GetCustomAttribute<JsonPropertyNameAttribute>(inherit: false)?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        var required = property.IsDefined(typeof(RequiredMemberAttribute), inherit: false);
        return new PinModel(
            name,
            property.Name,
            property.PropertyType,
            flags.DeclaredType ?? TypeOf(property.PropertyType, nullability),
            flags,
            required ? null : DefaultOf(property, fresh),
            direct);
    }

    private static JsonElement DefaultOf(PropertyInfo property, object? fresh)
    {
        var value = fresh is null ? null : property.GetValue(fresh);
        return value is null or JsonElement { ValueKind: JsonValueKind.Undefined } ? JsonValues.Null : JsonSerializer.SerializeToElement(value, property.PropertyType, BlockJson.Options);
    }

    private static PinType TypeOfNotNull(Type type, NullabilityInfo? nullability)
    {
        if (type == typeof(JsonElement)) return PinType.Any;
        if (type == typeof(string)) return PinType.String;
        if (type == typeof(long)) return PinType.Integer;
        if (type == typeof(double)) return PinType.Number;
        if (type == typeof(bool)) return PinType.Boolean;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return PinType.ArrayOf(TypeOf(type.GenericTypeArguments[0], nullability?.GenericTypeArguments[0]));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return PinType.MapOf(TypeOf(type.GenericTypeArguments[1], nullability?.GenericTypeArguments[1]));
        if (!type.IsClass) throw new NotSupportedException($"No pin can be of type {type}.");
        var cases = Cases(type);
        return cases.Count == 0 ? Model(type, []) : PinType.Union([.. cases.Select(c => Model(c.DerivedType, [Discriminator(type, c)]))]);
    }

    private static PinType.ModelType Model(Type type, IEnumerable<PinType.ModelMember> first) =>
        new([.. first, .. Read(type).Select(m => new PinType.ModelMember(m.Name, m.Type, m.Required))]);

    private static PinType.ModelMember Discriminator(Type type, JsonDerivedTypeAttribute c) =>
        new(DiscriminatorName(type), new PinType.EnumType([(string)c.TypeDiscriminator!]), Required: true);

    public static string DiscriminatorName(Type type) => type.GetCustomAttribute<JsonPolymorphicAttribute>(inherit: false)?.TypeDiscriminatorPropertyName ?? "$type";

    private static Stack<Type> Lineage(Type type)
    {
        var lineage = new Stack<Type>();
        for (var t = type; t is not null && t != typeof(object); t = t.BaseType) lineage.Push(t);
        return lineage;
    }
}
