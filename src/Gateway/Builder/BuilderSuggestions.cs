using Grainflow.Gateway.Blocks;
using Grainflow.Storage.Builder;
using Grainflow.Storage.Monitoring;

namespace Grainflow.Gateway.Builder;

/// <summary>What the builder shows before somebody searches.</summary>
internal sealed class BuilderSuggestions(BuilderCatalogue catalogue, RecentSearches searches, IMonitoringQueries monitoring, TimeProvider clock) : IDisposable
{
    private const int MostSearches = 5;
    private const int MostProviders = 6;
    private const int MostBlocks = 5;

    // Counting goes through the node executions of a day; what people use changes slowly.
    private static readonly TimeSpan Counted = TimeSpan.FromDays(1);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>What nearly every agent begins with, for a platform that has executed less.</summary>
    private static readonly IReadOnlyList<string> Starters = ["AgentInputBlock", "AgentOutputBlock", "AITextGeneratorBlock", "FillTextTemplateBlock", "SendWebRequestBlock"];

    private readonly SemaphoreSlim _counting = new(1);
    private (DateTimeOffset At, IReadOnlyList<BlockInfo> Blocks)? _top;

    /// <summary>The suggestions for a user.</summary>
    public async Task<SuggestionsResponse> ReadAsync(string userId, CancellationToken cancellationToken) => new()
    {
        OttoSuggestions = [],
        RecentSearches =
        [
            .. (await searches.OfUserAsync(userId, MostSearches, cancellationToken))
                .Select(search => new SearchEntry { SearchQuery = search.Query, Filter = search.Filter, ByCreator = search.ByCreator, SearchId = search.SearchId }),
        ],
        // ProvidersAsync is in alphabetical order, which stays that of equals.
        Providers = [.. (await catalogue.ProvidersAsync()).OrderByDescending(provider => provider.IntegrationCount).Take(MostProviders).Select(provider => provider.Name)],
        TopBlocks = await TopAsync(cancellationToken),
    };

    /// <inheritdoc/>
    public void Dispose() => _counting.Dispose();

    private async Task<IReadOnlyList<BlockInfo>> TopAsync(CancellationToken cancellationToken)
    {
        await _counting.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            if (_top is { } known && now - known.At < Kept) return known.Blocks;
            var counts = (await monitoring.CountBlocksAsync(now - Counted, now, cancellationToken)).ToDictionary(row => row.BlockId, row => row.Total, StringComparer.Ordinal);
            var blocks = await catalogue.ReadAsync();
            var used = blocks.Where(block => counts.ContainsKey(block.Info.Id)).OrderByDescending(block => counts[block.Info.Id]).Select(block => block.Info);
            var starters = Starters.Select(name => blocks.FirstOrDefault(block => block.Info.Name == name)?.Info).OfType<BlockInfo>();
            IReadOnlyList<BlockInfo> top = [.. used.Concat(starters).DistinctBy(block => block.Id, StringComparer.Ordinal).Take(MostBlocks)];
            _top = (now, top);
            return top;
        }
        finally
        {
            _counting.Release();
        }
    }
}
