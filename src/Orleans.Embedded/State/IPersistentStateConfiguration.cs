namespace Orleans.Runtime;

/// <summary>Which document and which storage.</summary>
public interface IPersistentStateConfiguration
{
    /// <summary>The name of the document.</summary>
    string StateName { get; }

    /// <summary>The name of the storage provider; null means the default one.</summary>
    string? StorageName { get; }
}
