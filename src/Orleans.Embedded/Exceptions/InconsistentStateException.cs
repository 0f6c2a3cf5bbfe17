namespace Orleans.Storage;

/// <summary>A state could not be written or cleared because the stored version is not the one that was read. When it escapes from a grain, the activation is discarded.</summary>
[GenerateSerializer]
public class InconsistentStateException : OrleansException
{
    /// <summary>A conflict with a message.</summary>
    /// <param name="message">What happened.</param>
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>A conflict between two versions.</summary>
    /// <param name="errorMsg">What happened.</param>
    /// <param name="storedEtag">The version in storage; null if unknown.</param>
    /// <param name="currentEtag">The version that the grain holds; null if it has none.</param>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : base(errorMsg)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>The version in storage; null if unknown.</summary>
    [Id(1)]
    public string? StoredEtag { get; }

    /// <summary>The version that the grain holds; null if it has none.</summary>
    [Id(2)]
    public string? CurrentEtag { get; }

    /// <summary>
    /// Whether the conflict arose in the activation that is running: only that one is discarded,
    /// not a caller through which the exception travels on.
    /// </summary>
    internal bool IsSourceActivation { get; set; } = true;

    /// <summary>The exception with both versions.</summary>
    public override string ToString() => $"{base.ToString()} (expected etag: {CurrentEtag ?? "null"}, stored etag: {StoredEtag ?? "null"})";
}
