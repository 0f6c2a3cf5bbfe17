namespace Orleans.Runtime;

/// <summary>The identity of a stream within its provider: a namespace and a key.</summary>
[GenerateSerializer, Immutable]
public readonly struct StreamId : IEquatable<StreamId>
{
    private readonly string? _namespace;
    private readonly string? _key;

    private StreamId(string? ns, string key)
    {
        _namespace = ns;
        _key = key;
    }

    /// <summary>The stream of a namespace with a key.</summary>
    /// <param name="ns">The namespace, or null.</param>
    /// <param name="key">The key.</param>
    public static StreamId Create(string? ns, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new StreamId(ns, key);
    }

    /// <summary>Whether both are the same stream.</summary>
    /// <param name="s1">One.</param>
    /// <param name="s2">The other.</param>
    public static bool operator ==(StreamId s1, StreamId s2) => s1.Equals(s2);

    /// <summary>Whether the streams differ.</summary>
    /// <param name="s1">One.</param>
    /// <param name="s2">The other.</param>
    public static bool operator !=(StreamId s1, StreamId s2) => !s1.Equals(s2);

    /// <inheritdoc/>
    public bool Equals(StreamId other) => ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StreamId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>Namespace and key with a slash between, or the key alone.</summary>
    public override string ToString() => string.IsNullOrEmpty(_namespace) ? _key ?? "" : $"{_namespace}/{_key}";
}
