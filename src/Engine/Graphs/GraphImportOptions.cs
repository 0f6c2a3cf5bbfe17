namespace Grainflow.Engine.Graphs;

/// <summary>How a document becomes a graph of one's own, where it differs from a plain import.</summary>
public sealed record GraphImportOptions
{
    /// <summary>A plain import.</summary>
    public static readonly GraphImportOptions Default = new();

    /// <summary>The id of the root graph, or null for a new one.</summary>
    public string? RootId { get; init; }

    /// <summary>The version of the root graph, 1 or more, or null for the document's.</summary>
    public int? RootVersion { get; init; }

    /// <summary>Graphs that the new owner has already, by id and version: Agent nodes may name them, and they keep their ids.</summary>
    public IReadOnlySet<(string Id, int Version)> Known { get; init; } = new HashSet<(string, int)>();
}
