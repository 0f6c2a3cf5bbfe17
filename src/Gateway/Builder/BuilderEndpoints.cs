using Grainflow.Gateway.Blocks;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.Builder;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Builder;

/// <summary>The routes of the contract's section Builder. There is no marketplace yet: none of its agents are found.</summary>
internal sealed class BuilderEndpoints(BuilderCatalogue catalogue, BuilderAgents agents, BuilderSearch search, BuilderSuggestions suggestions, RecentSearches searches, TimeProvider clock)
{
    private const int MostPerPage = 500;
    private const int MostQueryCharacters = 500;
    private const int MostIdCharacters = 100;

    // So many creators of a search are kept.
    private const int MostCreators = 20;

    private static readonly IReadOnlyList<string> Types = ["all", "input", "action", "output"];
    private static readonly Parameter Page = new("page", "query", false, """{"type": "integer", "default": 1}""");
    private static readonly Parameter PageSize = new("page_size", "query", false, """{"type": "integer", "default": 50}""");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/builder/suggestions", "getV2Get builder suggestions", "What to begin with", "v2") { Answers = [typeof(SuggestionsResponse)] },
            async request => ApiResponse.Ok((object)await suggestions.ReadAsync(request.Caller.UserId, request.Aborted)));
        routes.MapOperation(
            new Operation("GET", "/api/builder/categories", "getV2Get builder block categories", "The categories of blocks, each with some of them", "v2")
            {
                Parameters = [new Parameter("blocks_per_category", "query", false, """{"type": "integer", "default": 3}""")],
                Answers = [typeof(BlockCategoryResponse[])],
            },
            CategoriesAsync);
        routes.MapOperation(
            new Operation("GET", "/api/builder/blocks", "getV2Get builder blocks", "The blocks of a category, a type or a provider", "v2")
            {
                Parameters =
                [
                    Parameter.QueryText("category", required: false),
                    new Parameter("type", "query", false, """{"anyOf": [{"enum": ["all", "input", "action", "output"], "type": "string"}, {"type": "null"}]}"""),
                    Parameter.QueryText("provider", required: false), Page, PageSize,
                ],
                Answers = [typeof(BlockResponse)],
            },
            BlocksAsync);
        routes.MapOperation(
            new Operation("GET", "/api/builder/blocks/batch", "getV2Get specific blocks", "Blocks by their ids", "v2")
            {
                Parameters = [new Parameter("block_ids", "query", true, """{"type": "array", "items": {"type": "string"}}""")],
                Answers = [typeof(BlockInfo[])],
            },
            BatchAsync);
        routes.MapOperation(
            new Operation("GET", "/api/builder/providers", "getV2Get builder integration providers", "The providers whose credentials blocks take", "v2")
            {
                Parameters = [Page, PageSize],
                Answers = [typeof(ProviderResponse)],
            },
            ProvidersAsync);
        routes.MapOperation(
            new Operation("GET", "/api/builder/search", "getV2Builder search", "Searches blocks and agents", "v2", "store", "private")
            {
                Parameters =
                [
                    Parameter.QueryText("search_query", required: false),
                    new Parameter("filter", "query", false, """{"anyOf": [{"type": "array", "items": {"enum": ["blocks", "integrations", "marketplace_agents", "my_agents"], "type": "string"}}, {"type": "null"}]}"""),
                    Parameter.QueryText("search_id", required: false),
                    new Parameter("by_creator", "query", false, """{"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}"""),
                    Page, PageSize,
                ],
                Answers = [typeof(SearchResponse)],
            },
            SearchAsync);
        routes.MapOperation(
            new Operation("GET", "/api/builder/counts", "getV2Get builder item counts", "How many things of each kind there are", "v2") { Answers = [typeof(CountResponse)] },
            CountsAsync);
    }

    private static (int Page, int Size) PageOf(ApiRequest request) => (request.QueryNumber("page", 1, least: 1)!.Value, request.QueryNumber("page_size", 50, least: 1, most: MostPerPage)!.Value);

    private async Task<ApiResponse> CategoriesAsync(ApiRequest request)
    {
        var most = request.QueryNumber("blocks_per_category", 3, least: 0, most: MostPerPage)!.Value;
        request.Require();
        var blocks = await catalogue.ReadAsync();
        return ApiResponse.Ok((object)blocks.SelectMany(block => block.Categories).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(category =>
        {
            var members = blocks.Where(block => block.Categories.Contains(category, StringComparer.Ordinal)).ToList();
            return new BlockCategoryResponse { Name = category, TotalBlocks = members.Count, Blocks = [.. members.Take(most).Select(block => block.Info)] };
        }).ToList());
    }

    private async Task<ApiResponse> BlocksAsync(ApiRequest request)
    {
        var (category, type, provider) = (Given(request.QueryText("category")), request.QueryChoice("type", Types), Given(request.QueryText("provider")));
        var (page, size) = PageOf(request);
        request.Require();
        if (new[] { category, type, provider }.Count(text => text is not null) > 1) throw ApiException.Error(400, "Only one of category, type and provider can be given.");
        var blocks = (await catalogue.ReadAsync())
            .Where(block => category is null || block.Categories.Contains(category, StringComparer.OrdinalIgnoreCase))
            .Where(block => type is null or "all" || block.Type == type)
            .Where(block => provider is null || block.Providers.Contains(provider, StringComparer.OrdinalIgnoreCase))
            .Select(block => block.Info).ToList();
        return ApiResponse.Ok((object)new BlockResponse { Blocks = Pages.Cut(blocks, page, size), Pagination = Pages.Of(blocks.Count, page, size) });
    }

    /// <summary>In the order of the ids; ids that are not known are left out.</summary>
    private async Task<ApiResponse> BatchAsync(ApiRequest request)
    {
        var ids = request.RequiredQueryTexts("block_ids");
        request.Require();
        var blocks = (await catalogue.ReadAsync()).ToDictionary(block => block.Info.Id, block => block.Info, StringComparer.OrdinalIgnoreCase);
        return ApiResponse.Ok((object)ids.Distinct(StringComparer.OrdinalIgnoreCase).Select(blocks.GetValueOrDefault).OfType<BlockInfo>().ToList());
    }

    private async Task<ApiResponse> ProvidersAsync(ApiRequest request)
    {
        var (page, size) = PageOf(request);
        request.Require();
        var providers = await catalogue.ProvidersAsync();
        return ApiResponse.Ok((object)new ProviderResponse { Providers = Pages.Cut(providers, page, size), Pagination = Pages.Of(providers.Count, page, size) });
    }

    private async Task<ApiResponse> SearchAsync(ApiRequest request)
    {
        var query = request.QueryText("search_query", MostQueryCharacters)?.Trim();
        var kinds = request.QueryChoices("filter", SearchKinds.All);
        var creators = request.QueryTexts("by_creator");
        var searchId = Given(request.QueryText("search_id", MostIdCharacters)) ?? request.Identity.ResourceId.ToString();
        var (page, size) = PageOf(request);
        request.Require();
        var userId = request.Caller.UserId;
        var found = await search.FindAsync(new BuilderQuery(userId, query, kinds is { Count: > 0 } ? kinds : SearchKinds.All, page, size), searchId, request.Aborted);
        // A look at everything is no search that anybody wants to repeat.
        if (query is { Length: > 0 })
            await searches.SaveAsync(userId, new RecentSearch(searchId, query, kinds?.Distinct(StringComparer.Ordinal).ToList(), creators?.Take(MostCreators).Select(Shortened).ToList()), clock.GetUtcNow(), request.Aborted);
        return ApiResponse.Ok((object)found);
    }

    private async Task<ApiResponse> CountsAsync(ApiRequest request)
    {
        var blocks = await catalogue.ReadAsync();
        return ApiResponse.Ok((object)new CountResponse
        {
            AllBlocks = blocks.Count,
            InputBlocks = blocks.Count(block => block.Type == "input"),
            ActionBlocks = blocks.Count(block => block.Type == "action"),
            OutputBlocks = blocks.Count(block => block.Type == "output"),
            Integrations = (await catalogue.ProvidersAsync()).Count,
            MarketplaceAgents = 0,
            MyAgents = await agents.CountAsync(request.Caller.UserId, request.Aborted),
        });
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Shortened(string text) => string.Concat(text.EnumerateRunes().Take(MostIdCharacters));
}
