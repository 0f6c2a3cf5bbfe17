namespace Orleans;

/// <summary>A document with its version.</summary>
/// <typeparam name="T">The type of the document.</typeparam>
[GenerateSerializer]
public sealed class GrainState<T> : IGrainState<T>
{
    /// <summary>No document, no version.</summary>
    public GrainState()
    {
    }

    /// <summary>A document without a version.</summary>
    /// <param name="state">The document.</param>
    public GrainState(T? state) => State = state;

    /// <summary>A document with a version.</summary>
    /// <param name="state">The document.</param>
    /// <param name="eTag">The version.</param>
    public GrainState(T? state, string? eTag)
    {
        State = state;
        ETag = eTag;
    }

    /// <inheritdoc/>
    [Id(0)]
    public T? State { get; set; }

    /// <inheritdoc/>
    [Id(1)]
    public string? ETag { get; set; }

    /// <inheritdoc/>
    [Id(2)]
    public bool RecordExists { get; set; }
}
