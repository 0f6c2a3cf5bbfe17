namespace Grainflow.Storage.Graphs;

/// <summary>Names one version of a graph.</summary>
/// <param name="Id">The graph.</param>
/// <param name="Version">The version.</param>
public sealed record GraphKey(Guid Id, int Version);

/// <summary>One version of a graph. A version's document never changes.</summary>
public sealed record GraphRow
{
    /// <summary>The graph.</summary>
    public required Guid Id { get; init; }

    /// <summary>The version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>The owner.</summary>
    public required string UserId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>True for the version that runs by default.</summary>
    public bool IsActive { get; init; }

    /// <summary>The graph, UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>What follows from the document (schemas, flags, sub-graphs), UTF-8 JSON; null for a version that is older than this column.</summary>
    public ReadOnlyMemory<byte>? Model { get; init; }

    /// <summary>When the version was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the graph was deleted; null while it is there. Set by <see cref="IGraphStore.DeleteAsync"/> alone.</summary>
    public DateTimeOffset? DeletedAt { get; init; }
}
