namespace Grainflow.Blocks.Contract;

/// <summary>The agents of one user's library (contract: semantics 8.2). Until there is a library of its own, every graph that the user owns is in it (decision 39).</summary>
public interface IAgentLibrary
{
    /// <summary>A page of the agents, newest first.</summary>
    /// <param name="search">A text that their name or description has, in any case; null or empty for all.</param>
    /// <param name="page">The page, 1 or more.</param>
    /// <param name="size">How many agents a page has, 1 to 100.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<LibraryPage> ListAsync(string? search, long page, int size, CancellationToken cancellationToken);
}

/// <summary>A page of a library.</summary>
/// <param name="Agents">The agents of the page; empty after the last page.</param>
/// <param name="Total">How many agents there are on all pages.</param>
public sealed record LibraryPage(IReadOnlyList<LibraryEntry> Agents, long Total);

/// <summary>An agent of a library.</summary>
/// <param name="Id">The id of the entry.</param>
/// <param name="GraphId">The graph.</param>
/// <param name="Version">Its active version.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description; may be empty.</param>
/// <param name="Creator">The name of who made it.</param>
public sealed record LibraryEntry(string Id, string GraphId, int Version, string Name, string Description, string Creator);
