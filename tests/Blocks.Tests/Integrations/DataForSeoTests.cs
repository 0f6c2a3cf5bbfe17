namespace Grainflow.Blocks.Tests.Integrations;

public sealed class DataForSeoTests
{
    private const string Figures = """{"keyword": "seo tools", "keyword_info": {"search_volume": 100, "competition": 0.5, "cpc": 2.5}, "keyword_properties": {"keyword_difficulty": 40}, "serp_info": {"a": 1}}""";

    private const string Expected = """{"keyword":"seo tools","search_volume":100,"competition":0.5,"cpc":2.5,"keyword_difficulty":40,"serp_info":null,"clickstream_data":null}""";

    [Fact]
    public async Task Suggestions_have_their_figures()
    {
        var run = VendorRun.Of(Task($"[{Figures}]"));

        Assert.Equal(
            [$"suggestion={Expected}", $"suggestions=[{Expected}]", "total_count=1", "seed_keyword=\"seo\""],
            await run.RunAsync("DataForSeoKeywordSuggestionsBlock", """{"keyword": "seo", "limit": 5}"""));
        Assert.Equal(
            ["""POST https://api.dataforseo.com/v3/dataforseo_labs/google/keyword_suggestions/live [{"keyword":"seo","location_code":2840,"language_code":"en","include_seed_keyword":true,"include_serp_info":false,"include_clickstream_data":false,"limit":5}]"""],
            run.Sent());
    }

    [Fact]
    public async Task Related_keywords_are_looked_for_as_far_as_asked()
    {
        var run = VendorRun.Of(Task($$"""[{"keyword_data": {{Figures}}}]"""));

        Assert.Equal(
            [$"related_keyword={Expected.Replace("\"serp_info\":null", "\"serp_info\":{\"a\":1}", StringComparison.Ordinal)}"],
            (await run.RunAsync("DataForSeoRelatedKeywordsBlock", """{"keyword": "seo", "depth": 2, "include_serp_info": true}""")).Take(1));
        Assert.Contains("\"depth\":2", Assert.Single(run.Sent()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tasks": [{"status_code": 40501, "status_message": "Invalid Field: 'keyword'."}]}""", "DataForSEO task error: Invalid Field: 'keyword'.")]
    [InlineData("""{"tasks": [{"status_code": 40202, "status_message": "Rates limit per minute exceeded."}]}""", "DataForSEO had too many requests of this credential: Rates limit per minute exceeded.. Try again later")]
    [InlineData("""{"tasks": []}""", "The answer of DataForSEO cannot be read: it has no task")]
    public async Task An_error_of_the_task_fails_the_block(string answer, string message) =>
        Assert.Equal([$"!Execution: {message}"], await VendorRun.Of(answer).RunAsync("DataForSeoKeywordSuggestionsBlock", """{"keyword": "seo"}"""));

    [Fact]
    public async Task A_research_may_find_nothing() =>
        Assert.Equal(["suggestions=[]", "total_count=0", "seed_keyword=\"x\""], await VendorRun.Of(Task("null")).RunAsync("DataForSeoKeywordSuggestionsBlock", """{"keyword": "x"}"""));

    private static string Task(string items) => $$"""{"tasks": [{"status_code": 20000, "result": [{"items": {{items}}}]}]}""";
}
