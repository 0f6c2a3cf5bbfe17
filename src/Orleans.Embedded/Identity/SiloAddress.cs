using System.Net;

namespace Orleans.Runtime;

/// <summary>The address of a silo: its endpoint and which start of it this is.</summary>
[Immutable]
public sealed class SiloAddress : IEquatable<SiloAddress>
{
    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>Where the silo listens. An embedded silo has no socket; its endpoint is a mere name.</summary>
    [Id(0)]
    public IPEndPoint Endpoint { get; }

    /// <summary>Which start of the silo this is.</summary>
    [Id(1)]
    public int Generation { get; }

    /// <summary>An address.</summary>
    /// <param name="ep">The endpoint.</param>
    /// <param name="gen">The generation.</param>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <inheritdoc/>
    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    /// <summary>Endpoint and generation.</summary>
    public override string ToString() => $"S{Endpoint}:{Generation}";
}
