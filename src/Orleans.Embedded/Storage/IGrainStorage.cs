namespace Orleans.Storage;

/// <summary>Stores documents of grains under compare-and-swap by version.</summary>
public interface IGrainStorage
{
    /// <summary>Reads a document into <paramref name="grainState"/>; a missing one becomes a new instance.</summary>
    /// <typeparam name="T">The type of the document.</typeparam>
    /// <param name="stateName">The name of the document.</param>
    /// <param name="grainId">Whose document.</param>
    /// <param name="grainState">Receives document and version.</param>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Writes a document if the stored version is still the one in <paramref name="grainState"/>.</summary>
    /// <typeparam name="T">The type of the document.</typeparam>
    /// <param name="stateName">The name of the document.</param>
    /// <param name="grainId">Whose document.</param>
    /// <param name="grainState">The document and the version that it replaces; receives the new version.</param>
    /// <exception cref="InconsistentStateException">The stored version is another one.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Removes a document if the stored version is still the one in <paramref name="grainState"/>.</summary>
    /// <typeparam name="T">The type of the document.</typeparam>
    /// <param name="stateName">The name of the document.</param>
    /// <param name="grainId">Whose document.</param>
    /// <param name="grainState">The version to remove; is reset.</param>
    /// <exception cref="InconsistentStateException">The stored version is another one.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
