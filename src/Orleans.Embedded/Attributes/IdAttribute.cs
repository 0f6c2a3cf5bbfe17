namespace Orleans;

/// <summary>The stable number of a serialized member. It is part of the wire format and must never change or be reused.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class IdAttribute : Attribute
{
    /// <summary>Gives the member its number.</summary>
    /// <param name="id">Unique within the declaring type.</param>
    public IdAttribute(uint id) => Id = id;

    /// <summary>The number of the member, unique within its declaring type.</summary>
    public uint Id { get; }
}
