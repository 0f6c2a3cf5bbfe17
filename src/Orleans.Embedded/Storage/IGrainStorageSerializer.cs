namespace Orleans.Storage;

/// <summary>Turns documents into stored bytes and back.</summary>
public interface IGrainStorageSerializer
{
    /// <summary>The stored form of a document.</summary>
    /// <typeparam name="T">The type of the document.</typeparam>
    /// <param name="input">The document; may be null.</param>
    BinaryData Serialize<T>(T? input);

    /// <summary>The document in a stored form.</summary>
    /// <typeparam name="T">The type of the document.</typeparam>
    /// <param name="input">What <see cref="Serialize"/> returned.</param>
    T? Deserialize<T>(BinaryData input);
}
