using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage.Builder;

/// <summary>A search in the builder.</summary>
/// <param name="SearchId">The id that the client repeats for further pages and changes of the same search.</param>
/// <param name="Query">What was searched for.</param>
/// <param name="Filter">The kinds of things that were searched for; null for all.</param>
/// <param name="ByCreator">The creators whose agents were searched for; null for all.</param>
public sealed record RecentSearch(string SearchId, string Query, IReadOnlyList<string>? Filter, IReadOnlyList<string>? ByCreator);

/// <summary>The last searches of users in the builder (contract: section Builder, SearchEntry).</summary>
/// <param name="database">The database.</param>
public sealed class RecentSearches(Database database)
{
    /// <summary>How many are kept of a user.</summary>
    public const int Kept = 10;

    // The new one takes the place of one with the same id, and of others that are equal to it; what is then too much is the oldest.
    private const string SaveSql =
        """
        WITH surplus AS (
          SELECT search_id FROM (
            SELECT search_id, query, filter, by_creator, row_number() OVER (ORDER BY searched_at DESC, search_id) AS place
            FROM builder_searches WHERE user_id = $1 AND search_id <> $2
          ) AS others
          WHERE place >= $7 OR (query = $3 AND filter IS NOT DISTINCT FROM $4 AND by_creator IS NOT DISTINCT FROM $5)
        ), deleted AS (
          DELETE FROM builder_searches USING surplus WHERE builder_searches.user_id = $1 AND builder_searches.search_id = surplus.search_id
        )
        INSERT INTO builder_searches (user_id, search_id, query, filter, by_creator, searched_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (user_id, search_id) DO UPDATE
        SET query = excluded.query, filter = excluded.filter, by_creator = excluded.by_creator, searched_at = excluded.searched_at
        """;

    /// <summary>Keeps a search as the last one of a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="search">The search, whose texts PostgreSQL can hold.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task SaveAsync(string userId, RecentSearch search, DateTimeOffset at, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex, SaveSql, [userId, search.SearchId, search.Query, Texts(search.Filter), Texts(search.ByCreator), at, Kept], cancellationToken);

    /// <summary>The last searches of a user, newest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<RecentSearch>> OfUserAsync(string userId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        "SELECT search_id, query, filter, by_creator FROM builder_searches WHERE user_id = $1 ORDER BY searched_at DESC, search_id LIMIT $2",
        [userId, limit],
        row => new RecentSearch(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetFieldValue<string[]>(2), row.IsDBNull(3) ? null : row.GetFieldValue<string[]>(3)),
        cancellationToken);

    private static NpgsqlParameter Texts(IReadOnlyList<string>? texts) =>
        new() { Value = (object?)texts?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
