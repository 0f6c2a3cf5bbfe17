namespace Orleans.Runtime;

/// <summary>Says which document a constructor parameter of type <see cref="IPersistentState{TState}"/> holds.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute : Attribute, IPersistentStateConfiguration
{
    /// <summary>Names the document and its storage.</summary>
    /// <param name="stateName">The name of the document. It is the type text in storage, so it must be unique among the grain classes that share a storage and a kind of key.</param>
    /// <param name="storageName">The name of the storage provider; null means the default one.</param>
    public PersistentStateAttribute(string stateName, string? storageName = null)
    {
        StateName = stateName;
        StorageName = storageName;
    }

    /// <summary>The name of the document.</summary>
    public string StateName { get; }

    /// <summary>The name of the storage provider; null means the default one.</summary>
    public string? StorageName { get; }
}
