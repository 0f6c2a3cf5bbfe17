namespace Orleans;

/// <summary>The stable wire name of a type, grain interface or method, so that it can be renamed in code.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method | AttributeTargets.Interface, AllowMultiple = true)]
public sealed class AliasAttribute : Attribute
{
    /// <summary>Gives the type or method its wire name.</summary>
    /// <param name="alias">Unique among types, or among the methods of an interface.</param>
    public AliasAttribute(string alias) => Alias = alias;

    /// <summary>The wire name.</summary>
    public string Alias { get; }
}
