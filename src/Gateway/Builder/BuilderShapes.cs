using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Gateway.Blocks;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Builder;

/// <summary>The kinds of things that a search finds, as clients filter by them (contract: enums.tsv, BuilderFilterType).</summary>
internal static class SearchKinds
{
    /// <summary>Blocks that need no credentials.</summary>
    public const string Blocks = "blocks";

    /// <summary>Blocks that take credentials.</summary>
    public const string Integrations = "integrations";

    /// <summary>Agents of the marketplace.</summary>
    public const string MarketplaceAgents = "marketplace_agents";

    /// <summary>Agents of the caller.</summary>
    public const string MyAgents = "my_agents";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Blocks, Integrations, MarketplaceAgents, MyAgents];
}

/// <summary>A page of blocks.</summary>
internal sealed record BlockResponse
{
    public required IReadOnlyList<BlockInfo> Blocks { get; init; }

    public required Pagination Pagination { get; init; }
}

/// <summary>A category with the first of its blocks.</summary>
internal sealed record BlockCategoryResponse
{
    public required string Name { get; init; }

    public required int TotalBlocks { get; init; }

    public required IReadOnlyList<BlockInfo> Blocks { get; init; }
}

/// <summary>How many things of each kind there are.</summary>
internal sealed record CountResponse
{
    public required int AllBlocks { get; init; }

    public required int InputBlocks { get; init; }

    public required int ActionBlocks { get; init; }

    public required int OutputBlocks { get; init; }

    /// <summary>Providers, not their blocks.</summary>
    public required int Integrations { get; init; }

    public required int MarketplaceAgents { get; init; }

    public required long MyAgents { get; init; }
}

/// <summary>A page of providers.</summary>
internal sealed record ProviderResponse
{
    public required IReadOnlyList<Provider> Providers { get; init; }

    public required Pagination Pagination { get; init; }
}

/// <summary>A provider of integrations.</summary>
internal sealed record Provider
{
    public required string Name { get; init; }

    /// <summary>Empty, as in the reference: the name says it.</summary>
    public required string Description { get; init; }

    /// <summary>How many blocks take its credentials.</summary>
    public required int IntegrationCount { get; init; }
}

/// <summary>A page of what a search has found.</summary>
internal sealed record SearchResponse
{
    [ItemsOf(typeof(BlockInfo), typeof(LibraryAgent), typeof(StoreAgent))]
    public required IReadOnlyList<object> Items { get; init; }

    public required string SearchId { get; init; }

    /// <summary>How many things of each kind were found; 0 for kinds that were not searched for.</summary>
    [NamesOneOf(SearchKinds.Blocks, SearchKinds.Integrations, SearchKinds.MarketplaceAgents, SearchKinds.MyAgents)]
    public required IReadOnlyDictionary<string, int> TotalItems { get; init; }

    public required Pagination Pagination { get; init; }
}

/// <summary>What the builder shows before somebody searches.</summary>
internal sealed record SuggestionsResponse
{
    /// <summary>Questions for the assistant; empty while there is none.</summary>
    public required IReadOnlyList<string> OttoSuggestions { get; init; }

    public required IReadOnlyList<SearchEntry> RecentSearches { get; init; }

    public required IReadOnlyList<string> Providers { get; init; }

    public required IReadOnlyList<BlockInfo> TopBlocks { get; init; }
}

/// <summary>A search of before.</summary>
internal sealed record SearchEntry
{
    public string? SearchQuery { get; init; }

    [OneOf(SearchKinds.Blocks, SearchKinds.Integrations, SearchKinds.MarketplaceAgents, SearchKinds.MyAgents)]
    public IReadOnlyList<string>? Filter { get; init; }

    public IReadOnlyList<string>? ByCreator { get; init; }

    public string? SearchId { get; init; }
}

/// <summary>An agent of a library.</summary>
internal sealed record LibraryAgent
{
    public required string Id { get; init; }

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public required string OwnerUserId { get; init; }

    public required string? ImageUrl { get; init; }

    public required string CreatorName { get; init; }

    public required string CreatorImageUrl { get; init; }

    public required LibraryAgentStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public string? Instructions { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> InputSchema { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> OutputSchema { get; init; }

    public required IReadOnlyDictionary<string, JsonElement>? CredentialsInputSchema { get; init; }

    public required bool HasExternalTrigger { get; init; }

    public required bool HasHumanInTheLoop { get; init; }

    public required bool HasSensitiveAction { get; init; }

    public GraphTriggerInfo? TriggerSetupInfo { get; init; }

    public required bool NewOutput { get; init; }

    public required bool CanAccessGraph { get; init; }

    public required bool IsLatestVersion { get; init; }

    public required bool IsFavorite { get; init; }

    public string? RecommendedScheduleCron { get; init; }

    public GraphSettings Settings { get; init; } = new();

    public MarketplaceListing? MarketplaceListing { get; init; }
}

/// <summary>How the last runs of an agent went. Listings load no runs and say COMPLETED (contract: semantics 8.2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LibraryAgentStatus>))]
internal enum LibraryAgentStatus
{
    [JsonStringEnumMemberName("COMPLETED")]
    Completed,

    [JsonStringEnumMemberName("HEALTHY")]
    Healthy,

    [JsonStringEnumMemberName("WAITING")]
    Waiting,

    [JsonStringEnumMemberName("ERROR")]
    Error,
}

/// <summary>The entry of an agent in the marketplace.</summary>
internal sealed record MarketplaceListing
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Slug { get; init; }

    public required MarketplaceListingCreator Creator { get; init; }
}

/// <summary>Who offers an agent in the marketplace.</summary>
internal sealed record MarketplaceListingCreator
{
    public required string Name { get; init; }

    public required string Id { get; init; }

    public required string Slug { get; init; }
}

/// <summary>An agent of the marketplace, for the OpenAPI document: there are none yet.</summary>
internal sealed record StoreAgent
{
    public required string Slug { get; init; }

    public required string AgentName { get; init; }

    public required string AgentImage { get; init; }

    public required string Creator { get; init; }

    public required string CreatorAvatar { get; init; }

    public required string SubHeading { get; init; }

    public required string Description { get; init; }

    public required int Runs { get; init; }

    public required double Rating { get; init; }
}
