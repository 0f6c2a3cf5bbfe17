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
internal sealed class OneOfAttribute(params string[] values) : Attribute
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

/// <summary>Marks a member that exists only in answers.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReadOnlyMemberAttribute : Attribute;

/// <summary>Marks a member of an answer that is always present, so that the schema lists it as required.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AlwaysAttribute : Attribute;
