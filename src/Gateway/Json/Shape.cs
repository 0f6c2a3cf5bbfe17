using System.Text.Json;

namespace Grainflow.Gateway.Json;

/// <summary>The name of a record in the contract, when it differs from the name of the C# type.</summary>
/// <param name="name">The name in <c>components.schemas</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Enum)]
internal sealed class SchemaNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The default of a member that may be left out, as JSON text.</summary>
/// <param name="json">A JSON value.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SchemaDefaultAttribute(string json) : Attribute
{
    public string Json { get; } = json;
}

/// <summary>The texts that a member may have.</summary>
/// <param name="values">The texts.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
internal class OneOfAttribute(params string[] values) : Attribute
{
    public string[] Values { get; } = values;
}

/// <summary>The least that a whole number of a body may be.</summary>
/// <param name="least">The least number.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AtLeastAttribute(int least) : Attribute
{
    public int Least { get; } = least;
}

/// <summary>The most characters that a text of a body may have.</summary>
/// <param name="most">The number.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LongestAttribute(int most) : Attribute
{
    public int Most { get; } = most;
}

/// <summary>Any value that JSON has, which the contract lists type by type.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AnyJsonAttribute : Attribute
{
    /// <summary>The list.</summary>
    public const string Schema =
        """{"anyOf": [{"additionalProperties": true, "type": "object"}, {"items": {}, "type": "array"}, {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]}""";
}

/// <summary>Marks a member that exists only in answers.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReadOnlyMemberAttribute : Attribute;

/// <summary>Marks a member of an answer that is always present, so that the schema lists it as required.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AlwaysAttribute : Attribute;

/// <summary>Marks a text of a form that is the content of a file.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BinaryAttribute : Attribute;

/// <summary>Marks a list whose items are of any of some records.</summary>
/// <param name="records">The records.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ItemsOfAttribute(params Type[] records) : Attribute
{
    public Type[] Records { get; } = records;
}

/// <summary>The names that the members of a map may have.</summary>
/// <param name="names">The names.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NamesOneOfAttribute(params string[] names) : Attribute
{
    public string[] Names { get; } = names;
}

/// <summary>The only value of a member, as JSON text.</summary>
/// <param name="json">A JSON value.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConstAttribute(string json) : Attribute
{
    public string Json { get; } = json;
}

/// <summary>Marks a text, or the texts of a map, that are secrets: clients send them and never see them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;

/// <summary>Marks a body that contains secrets, so that refusals do not repeat what was sent.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SecretBodyAttribute : Attribute;

/// <summary>A value that is one of several records, which a member tells apart.</summary>
/// <param name="member">The name of the member.</param>
/// <param name="records">The records. Each has the member with one text (<see cref="OneOfAttribute"/>).</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OneOfRecordsAttribute(string member, params Type[] records) : Attribute
{
    public string Member { get; } = member;

    /// <summary>The records by the text of the member, in their order.</summary>
    public IReadOnlyDictionary<string, Type> Records { get; } = new OrderedDictionary<string, Type>(
        records.Select(record => KeyValuePair.Create(MemberOf(record, member).GetCustomAttributes(typeof(OneOfAttribute), inherit: false).OfType<OneOfAttribute>().Single().Values[0], record)),
        StringComparer.Ordinal);

    private static System.Reflection.PropertyInfo MemberOf(Type record, string member) =>
        record.GetProperties().Single(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name) == member);
}
