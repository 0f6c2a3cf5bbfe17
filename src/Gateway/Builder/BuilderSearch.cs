using Grainflow.Engine.Search;
using Grainflow.Gateway.Executions;
using Grainflow.Storage.Graphs;

namespace Grainflow.Gateway.Builder;

/// <summary>What is searched for.</summary>
/// <param name="UserId">Who searches.</param>
/// <param name="Query">The text; empty or null finds everything.</param>
/// <param name="Kinds">The kinds that are searched for.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="PageSize">Its size.</param>
internal sealed record BuilderQuery(string UserId, string? Query, IReadOnlyList<string> Kinds, int Page, int PageSize);

/// <summary>Searches blocks and agents, and puts what fits best first. Only the agents of the page are read whole.</summary>
internal sealed class BuilderSearch(BuilderCatalogue catalogue, BuilderAgents agents)
{
    /// <summary>Searches.</summary>
    /// <param name="query">What for.</param>
    /// <param name="searchId">The id that the answer repeats.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<SearchResponse> FindAsync(BuilderQuery query, string searchId, CancellationToken cancellationToken)
    {
        var items = new List<Item>((await catalogue.ReadAsync()).Select(block => new Item(block.IsIntegration ? SearchKinds.Integrations : SearchKinds.Blocks, block.Text, block, null)));
        if (query.Kinds.Contains(SearchKinds.MyAgents, StringComparer.Ordinal))
        {
            items.AddRange((await agents.ListAsync(query.UserId, cancellationToken))
                .Select(agent => new Item(SearchKinds.MyAgents, new SearchText(agent.Key.Id.ToString(), agent.Name, agent.Description, []), null, agent)));
        }

        var found = new SearchQuery(query.Query).Rank(items.Where(item => query.Kinds.Contains(item.Kind, StringComparer.Ordinal)), item => item.Text);
        var page = found.Skip((int)Math.Min((query.Page - 1L) * query.PageSize, int.MaxValue)).Take(query.PageSize).ToList();
        var entries = await agents.ReadAsync([.. page.Select(item => item.Agent?.Key).OfType<GraphKey>()], cancellationToken);
        return new SearchResponse
        {
            Items = [.. page.Select(item => item.Block is { } block ? block.Info : (object?)entries.GetValueOrDefault(item.Agent!.Key.Id)).OfType<object>()],
            SearchId = searchId,
            TotalItems = SearchKinds.All.ToDictionary(kind => kind, kind => found.Count(item => item.Kind == kind), StringComparer.Ordinal),
            Pagination = Pages.Of(found.Count, query.Page, query.PageSize),
        };
    }

    private sealed record Item(string Kind, SearchText Text, BuilderBlock? Block, OwnAgent? Agent);
}

/// <summary>The pages of a list.</summary>
internal static class Pages
{
    /// <summary>What an answer tells of them.</summary>
    public static Pagination Of(int total, int page, int size) => new() { TotalItems = total, TotalPages = (total + size - 1) / size, CurrentPage = page, PageSize = size };

    /// <summary>One page of a list.</summary>
    public static IReadOnlyList<T> Cut<T>(IReadOnlyCollection<T> items, int page, int size) => [.. items.Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size)];
}
