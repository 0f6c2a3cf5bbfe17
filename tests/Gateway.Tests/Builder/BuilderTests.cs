using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Builder;

/// <summary>The section Builder of the contract, over REST.</summary>
public sealed class BuilderTests(ApiServer server) : IClassFixture<ApiServer>
{
    private readonly ApiClient _user = server.Anybody();

    [Fact]
    public async Task Categories_are_in_order_and_count_all_their_blocks_and_show_some()
    {
        var blocks = await BlocksAsync();

        var categories = (await _user.GetAsync("/api/builder/categories?blocks_per_category=2")).Json.EnumerateArray().ToList();

        Assert.Equal(categories.Select(category => category.Text("name")).Order(StringComparer.Ordinal), categories.Select(category => category.Text("name")));
        Assert.All(categories, category =>
        {
            var members = blocks.Where(block => Categories(block).Contains(category.Text("name")!)).Select(block => block.Id()).ToList();
            Assert.Equal(members.Count, category.GetProperty("total_blocks").GetInt32());
            Assert.Equal(members.Take(2), Ids(category.GetProperty("blocks")));
        });
        Assert.Equal(blocks.SelectMany(Categories).Distinct().Count(), categories.Count);
        Assert.All((await _user.GetAsync("/api/builder/categories")).Json.EnumerateArray(), category => Assert.InRange(category.GetProperty("blocks").GetArrayLength(), 1, 3));
    }

    [Fact]
    public async Task Blocks_come_in_pages_each_block_once_and_as_in_the_list_of_blocks()
    {
        var blocks = await BlocksAsync();
        var pages = (blocks.Count + 39) / 40;
        var found = new List<JsonElement>();
        for (var page = 1; page <= pages; page++)
        {
            var answer = (await _user.GetAsync($"/api/builder/blocks?page={page}&page_size=40")).Json;
            Assert.Equal((blocks.Count, pages, page, 40), Pagination(answer));
            found.AddRange(answer.GetProperty("blocks").EnumerateArray());
        }

        Assert.Equal(blocks.Count, found.Count);
        Assert.All(blocks.Zip(found), pair => Assert.True(JsonElement.DeepEquals(pair.First, pair.Second), pair.First.GetRawText()));
        Assert.Equal("[]", (await _user.GetAsync("/api/builder/blocks?page=1000000000&page_size=500")).Json.GetProperty("blocks").GetRawText());
    }

    [Fact]
    public async Task Blocks_are_filtered_by_category_or_type_or_provider()
    {
        var blocks = await BlocksAsync();

        Assert.Equal(Ids(blocks.Where(block => Categories(block).Contains("text"))), await FilteredAsync("category=text"));
        Assert.Equal(Ids(blocks.Where(block => block.Text("uiType") == "Input")), await FilteredAsync("type=input"));
        Assert.Equal(Ids(blocks.Where(block => block.Text("uiType") == "Output")), await FilteredAsync("type=output"));
        Assert.Equal(Ids(blocks.Where(block => block.Text("uiType") is not ("Input" or "Output"))), await FilteredAsync("type=action"));
        Assert.Equal(Ids(blocks), await FilteredAsync("type=all"));
        Assert.Contains(TestGraph.TextGenerator, await FilteredAsync("provider=openai"));
        Assert.DoesNotContain(TestGraph.StoreValue, await FilteredAsync("provider=openai"));
        Assert.Empty(await FilteredAsync("provider=nobody"));
        (await _user.GetAsync("/api/builder/blocks?category=text&provider=openai")).IsError(400);
        Assert.Equal(["literal_error query.type"], (await _user.GetAsync("/api/builder/blocks?type=other")).Problems());
        Assert.Equal(["greater_than_equal query.page", "less_than_equal query.page_size"], (await _user.GetAsync("/api/builder/blocks?page=0&page_size=501")).Problems());
    }

    [Fact]
    public async Task Blocks_are_found_by_their_ids_in_the_order_of_the_question()
    {
        var answer = await _user.GetAsync($"/api/builder/blocks/batch?block_ids={TestGraph.StoreValue}&block_ids=unknown&block_ids={TestGraph.Output}&block_ids={TestGraph.StoreValue}");
        Assert.Equal([TestGraph.StoreValue, TestGraph.Output], Ids(answer.Json));
        Assert.Equal(["missing query.block_ids"], (await _user.GetAsync("/api/builder/blocks/batch")).Problems());
    }

    [Fact]
    public async Task Providers_are_in_order_with_the_number_of_their_blocks()
    {
        var answer = (await _user.GetAsync("/api/builder/providers?page_size=500")).Json;
        var providers = answer.GetProperty("providers").EnumerateArray().ToList();

        Assert.Equal(providers.Select(provider => provider.Text("name")).Order(StringComparer.Ordinal), providers.Select(provider => provider.Text("name")));
        var openai = providers.Single(provider => provider.Text("name") == "openai");
        Assert.Equal((await FilteredAsync("provider=openai")).Count, openai.GetProperty("integration_count").GetInt32());
        Assert.Equal((providers.Count, 1, 1, 500), Pagination(answer));
        var last = (await _user.GetAsync($"/api/builder/providers?page_size=1&page={providers.Count}")).Json;
        Assert.Equal(providers[^1].Text("name"), Assert.Single(last.GetProperty("providers").EnumerateArray()).Text("name"));
    }

    [Fact]
    public async Task What_fits_best_comes_first_among_blocks_integrations_and_agents_of_the_caller()
    {
        await _user.CreateAsync(TestGraph.Echo("Text generator of mine"));
        await server.Anybody().CreateAsync(TestGraph.Echo("Text generator of somebody"));

        var answer = (await _user.GetAsync("/api/builder/search?search_query=text%20generator&page_size=500")).Json;
        var items = answer.GetProperty("items").EnumerateArray().Select(item => item.Text("name")).ToList();

        Assert.Equal("Text generator of mine", items[0]);
        Assert.Equal("AITextGeneratorBlock", items[1]);
        Assert.DoesNotContain("Text generator of somebody", items);
        var totals = Totals(answer);
        Assert.Equal((0, 1), (totals["marketplace_agents"], totals["my_agents"]));
        Assert.Equal((items.Count, 1, 1, 500), Pagination(answer));
        Assert.Equal(items.Count, totals.Values.Sum());
    }

    [Fact]
    public async Task An_agent_in_an_answer_is_an_entry_of_the_library()
    {
        var graph = await _user.CreateAsync(TestGraph.Echo("Some agent").Set("description", "it echoes"));
        await _user.PatchAsync($"/api/graphs/{graph.Id()}/settings", new JsonObject { ["sensitive_action_safe_mode"] = true });
        var second = TestGraph.Echo("Some agent").Set("description", "it echoes").Set("id", graph.Id()).Set("is_active", false);
        await _user.PutAsync($"/api/graphs/{graph.Id()}", second.Json());

        var agent = Assert.Single((await _user.GetAsync("/api/builder/search?search_query=some%20agent&filter=my_agents")).Json.GetProperty("items").EnumerateArray());

        Assert.Equal((graph.Id(), graph.Id(), 1, "Some agent", "it echoes"), (agent.Id(), agent.Text("graph_id"), agent.GetProperty("graph_version").GetInt32(), agent.Text("name"), agent.Text("description")));
        Assert.Equal(("COMPLETED", false, true), (agent.Text("status"), agent.GetProperty("is_latest_version").GetBoolean(), agent.GetProperty("can_access_graph").GetBoolean()));
        Assert.True(JsonElement.DeepEquals(graph.GetProperty("input_schema"), agent.GetProperty("input_schema")));
        Assert.Equal("""{"human_in_the_loop_safe_mode":true,"sensitive_action_safe_mode":true}""", agent.GetProperty("settings").GetRawText());
    }

    [Fact]
    public async Task A_search_is_filtered_by_kinds_and_an_empty_one_finds_everything()
    {
        var blocks = await BlocksAsync();
        var everything = (await _user.GetAsync("/api/builder/search")).Json;
        Assert.Equal(blocks.Count, Totals(everything).Values.Sum());
        Assert.Equal(50, everything.GetProperty("items").GetArrayLength());

        var some = Totals((await _user.GetAsync("/api/builder/search?filter=integrations&filter=marketplace_agents")).Json);

        Assert.Equal((0, 0, 0), (some["blocks"], some["marketplace_agents"], some["my_agents"]));
        Assert.Equal(Totals(everything)["integrations"], some["integrations"]);
        Assert.Equal(["literal_error query.filter.1"], (await _user.GetAsync("/api/builder/search?filter=blocks&filter=other")).Problems());
        Assert.Equal(["string_too_long query.search_query"], (await _user.GetAsync("/api/builder/search?search_query=" + new string('x', 501))).Problems());
    }

    [Fact]
    public async Task Searches_are_suggested_again_the_last_first_and_each_once()
    {
        var first = (await _user.GetAsync("/api/builder/search?search_query=mai")).Json.Text("search_id")!;
        Assert.Equal(first, (await _user.GetAsync($"/api/builder/search?search_query=mail&search_id={first}&page=2")).Json.Text("search_id"));
        await _user.GetAsync("/api/builder/search?search_query=web&filter=blocks&by_creator=ada");
        await _user.GetAsync("/api/builder/search?search_query=%20");

        var recent = (await _user.GetAsync("/api/builder/suggestions")).Json.GetProperty("recent_searches").EnumerateArray().ToList();

        Assert.Equal(["web", "mail"], recent.Select(search => search.Text("search_query")));
        Assert.Equal(("""["blocks"]""", """["ada"]"""), (recent[0].GetProperty("filter").GetRawText(), recent[0].GetProperty("by_creator").GetRawText()));
        Assert.Equal((first, JsonValueKind.Null), (recent[1].Text("search_id"), recent[1].GetProperty("filter").ValueKind));
        Assert.Equal("[]", (await server.Anybody().GetAsync("/api/builder/suggestions")).Json.GetProperty("recent_searches").GetRawText());
    }

    [Fact]
    public async Task Suggestions_name_providers_and_blocks_that_are_there()
    {
        var answer = (await _user.GetAsync("/api/builder/suggestions")).Json;
        var providers = (await _user.GetAsync("/api/builder/providers?page_size=500")).Json.GetProperty("providers").EnumerateArray().Select(provider => provider.Text("name"));

        Assert.Equal(5, answer.GetProperty("top_blocks").GetArrayLength());
        Assert.Subset(Ids(await BlocksAsync()).ToHashSet(), Ids(answer.GetProperty("top_blocks")).ToHashSet());
        Assert.Subset(providers.ToHashSet(), answer.GetProperty("providers").EnumerateArray().Select(provider => provider.GetString()).ToHashSet());
        Assert.Equal("[]", answer.GetProperty("otto_suggestions").GetRawText());
    }

    [Fact]
    public async Task Counts_are_those_of_what_is_there()
    {
        await _user.CreateAsync(TestGraph.Echo());
        var blocks = await BlocksAsync();

        var counts = (await _user.GetAsync("/api/builder/counts")).Json;

        int Of(string name) => counts.GetProperty(name).GetInt32();
        Assert.Equal(blocks.Count, Of("all_blocks"));
        Assert.Equal(blocks.Count, Of("input_blocks") + Of("action_blocks") + Of("output_blocks"));
        Assert.Equal(blocks.Count(block => block.Text("uiType") == "Input"), Of("input_blocks"));
        Assert.Equal((await _user.GetAsync("/api/builder/providers")).Json.GetProperty("pagination").GetProperty("total_items").GetInt32(), Of("integrations"));
        Assert.Equal((0, 1), (Of("marketplace_agents"), Of("my_agents")));
    }

    private static IReadOnlyList<string> Categories(JsonElement block) => [.. block.GetProperty("categories").EnumerateArray().Select(category => category.Text("category")!.ToLowerInvariant())];

    private static IReadOnlyList<string> Ids(JsonElement blocks) => Ids(blocks.EnumerateArray());

    private static IReadOnlyList<string> Ids(IEnumerable<JsonElement> blocks) => [.. blocks.Select(block => block.Id())];

    private static Dictionary<string, int> Totals(JsonElement answer) => answer.GetProperty("total_items").EnumerateObject().ToDictionary(kind => kind.Name, kind => kind.Value.GetInt32(), StringComparer.Ordinal);

    private static (int Items, int Pages, int Page, int Size) Pagination(JsonElement answer)
    {
        var pagination = answer.GetProperty("pagination");
        return (pagination.GetProperty("total_items").GetInt32(), pagination.GetProperty("total_pages").GetInt32(), pagination.GetProperty("current_page").GetInt32(), pagination.GetProperty("page_size").GetInt32());
    }

    private async Task<IReadOnlyList<JsonElement>> BlocksAsync() => [.. (await _user.GetAsync("/api/blocks")).Json.EnumerateArray()];

    private async Task<IReadOnlyList<string>> FilteredAsync(string filter) => Ids((await _user.GetAsync($"/api/builder/blocks?page_size=500&{filter}")).Json.GetProperty("blocks"));
}
