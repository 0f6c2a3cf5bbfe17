namespace Orleans.Core;

/// <summary>The stored document of a grain.</summary>
public interface IStorage
{
    /// <summary>The version that was read or written last; null if there is no record.</summary>
    string? Etag { get; }

    /// <summary>Whether the record exists in storage, as of the last operation.</summary>
    bool RecordExists { get; }

    /// <summary>Removes the document from storage and resets it in memory.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The stored version is another one.</exception>
    Task ClearStateAsync();

    /// <summary>Removes the document from storage and resets it in memory.</summary>
    /// <param name="cancellationToken">Gives up before the provider is called.</param>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The stored version is another one.</exception>
    Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

    /// <summary>Writes the document.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The stored version is another one.</exception>
    Task WriteStateAsync();

    /// <summary>Writes the document.</summary>
    /// <param name="cancellationToken">Gives up before the provider is called.</param>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The stored version is another one.</exception>
    Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    /// <summary>Reads the document again and drops what is in memory.</summary>
    Task ReadStateAsync();

    /// <summary>Reads the document again and drops what is in memory.</summary>
    /// <param name="cancellationToken">Gives up before the provider is called.</param>
    Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
}

/// <summary>The stored document of a grain, typed.</summary>
/// <typeparam name="TState">The type of the document; it needs a parameterless constructor.</typeparam>
public interface IStorage<TState> : IStorage
{
    /// <summary>The document in memory.</summary>
    TState State { get; set; }
}
