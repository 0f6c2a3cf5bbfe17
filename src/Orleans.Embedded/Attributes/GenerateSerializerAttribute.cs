namespace Orleans;

/// <summary>Marks a type that may cross a grain boundary: Orleans generates its serializer at build time.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;
