namespace Grainflow.Engine.Graphs;

/// <summary>Options of <see cref="GraphImport"/>.</summary>
public sealed record GraphImportOptions
{
    /// <summary>The defaults: new ids for all graphs, and the versions of the document.</summary>
    public static readonly GraphImportOptions Default = new();

    /// <summary>The id of the root graph, or null for a new one.</summary>
    public string? RootId { get; init; }

    /// <summary>The version of the root graph, 1 or more, or null for the document's.</summary>
    public int? RootVersion { get; init; }

    /// <summary>The graphs that the owner has already, by id and version. Agent nodes may refer to them, and such references stay unchanged.</summary>
    public IReadOnlySet<(string Id, int Version)> Known { get; init; } = new HashSet<(string, int)>();
}
