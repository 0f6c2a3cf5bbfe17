namespace Grainflow.Blocks.Contract;

/// <summary>The marketplace of agents (contract: semantics 8.1).</summary>
public interface IAgentStore
{
    /// <summary>The listed agents that match.</summary>
    /// <param name="query">What they are searched by; null for all.</param>
    /// <param name="category">A category that they have; null for any.</param>
    /// <param name="sort">Their order: <c>rating</c>, <c>runs</c>, <c>name</c> or <c>updated_at</c>.</param>
    /// <param name="limit">How many at most, 1 to 100.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    Task<IReadOnlyList<StoreEntry>> SearchAsync(string? query, string? category, string sort, int limit, CancellationToken cancellationToken);

    /// <summary>A listed agent; null when there is none of this name.</summary>
    /// <param name="creator">The user name of its creator.</param>
    /// <param name="slug">Its name in addresses.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<StoreListing?> FindAsync(string creator, string slug, CancellationToken cancellationToken);

    /// <summary>Adds a listed agent to the library of a user. One that is there already is answered as it is.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="listingVersionId">The version of the listing.</param>
    /// <param name="cancellationToken">Cancels the call, which may have taken effect then.</param>
    /// <exception cref="BlockException">There is no such version; the text names it.</exception>
    Task<AddedAgent> AddAsync(string userId, string listingVersionId, CancellationToken cancellationToken);
}

/// <summary>A row of a search in the marketplace.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description.</param>
/// <param name="Creator">Its creator.</param>
/// <param name="Rating">The average rating, 0 to 5.</param>
/// <param name="Runs">How often it was run.</param>
/// <param name="Categories">Its categories; null where the search does not tell them.</param>
public sealed record StoreEntry(string Slug, string Name, string Description, string Creator, double Rating, long Runs, IReadOnlyList<string>? Categories = null);

/// <summary>A listed agent.</summary>
/// <param name="ListingVersionId">The version of the listing.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description.</param>
/// <param name="Creator">Its creator.</param>
/// <param name="Categories">Its categories.</param>
/// <param name="Runs">How often it was run.</param>
/// <param name="Rating">The average rating, 0 to 5.</param>
public sealed record StoreListing(string ListingVersionId, string Name, string Description, string Creator, IReadOnlyList<string> Categories, long Runs, double Rating);

/// <summary>An agent of the marketplace in the library of a user.</summary>
/// <param name="LibraryAgentId">The entry in the library.</param>
/// <param name="GraphId">The graph.</param>
/// <param name="Version">Its version.</param>
/// <param name="Name">Its name.</param>
public sealed record AddedAgent(string LibraryAgentId, string GraphId, int Version, string Name);
