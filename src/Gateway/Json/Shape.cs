namespace Grainflow.Gateway.Json;

/// <summary>The name of a record in the contract, where it differs from the name of the C# type.</summary>
/// <param name="name">The name in <c>components.schemas</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Enum)]
internal sealed class SchemaNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The value that a member has when it is not given, as JSON text.</summary>
/// <param name="json">A JSON value.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SchemaDefaultAttribute(string json) : Attribute
{
    public string Json { get; } = json;
}

/// <summary>The only texts that a member may have.</summary>
/// <param name="values">The texts.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
internal sealed class OneOfAttribute(params string[] values) : Attribute
{
    public string[] Values { get; } = values;
}

/// <summary>Marks a member that only answers have.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReadOnlyMemberAttribute : Attribute;

/// <summary>Marks a member that is always there.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AlwaysAttribute : Attribute;
