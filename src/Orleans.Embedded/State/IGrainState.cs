namespace Orleans;

/// <summary>A document with its version, as storage providers see it.</summary>
/// <typeparam name="T">The type of the document.</typeparam>
public interface IGrainState<T>
{
    /// <summary>The document.</summary>
    T? State { get; set; }

    /// <summary>The version; null if there is no record.</summary>
    string? ETag { get; set; }

    /// <summary>Whether the record exists.</summary>
    bool RecordExists { get; set; }
}
