namespace Grainflow.Blocks.Tests.Integrations;

public sealed class FirecrawlTests
{
    private const string Api = "https://api.firecrawl.dev/v2";

    [Fact]
    public async Task A_page_is_read_in_the_forms_asked_for()
    {
        var run = VendorRun.Of("""{"success": true, "data": {"markdown": "# A", "rawHtml": "<p>", "screenshot": "https://s.test", "metadata": {"sourceURL": "https://a.test", "og:title": "A"}}}""");

        Assert.Equal(
            [
                """data={"markdown":"# A","raw_html":"<p>","screenshot":"https://s.test","metadata":{"source_url":"https://a.test","og:title":"A"}}""",
                "markdown=\"# A\"", "raw_html=\"<p>\"", "screenshot_full_page=\"https://s.test\"",
            ],
            await run.RunAsync("FirecrawlScrapeBlock", """{"url": "https://a.test", "formats": ["markdown", "rawHtml", "html", "screenshot@fullPage"]}"""));
        Assert.Equal(
            [$$"""POST {{Api}}/scrape {"maxAge":3600000,"waitFor":200,"formats":["markdown","rawHtml","html",{"type":"screenshot","fullPage":true}],"onlyMainContent":true,"url":"https://a.test"}"""],
            run.Sent());
    }

    [Fact]
    public async Task A_crawl_is_waited_for_and_read_over_all_its_parts()
    {
        var run = VendorRun.Of(
            """{"success": true, "id": "job1"}""",
            """{"status": "scraping", "data": []}""",
            """{"status": "completed", "data": [{"markdown": "1"}], "next": "https://api.firecrawl.dev/v2/crawl/job1?skip=1"}""",
            """{"status": "completed", "data": [{"markdown": "2"}]}""");

        Assert.Equal(["""data=[{"markdown":"1"},{"markdown":"2"}]""", "markdown=\"1\"", "markdown=\"2\""], await run.RunAsync("FirecrawlCrawlBlock", """{"url": "https://a.test", "limit": 2}"""));
        Assert.Equal([$"GET {Api}/crawl/job1", $"GET {Api}/crawl/job1", $"GET {Api}/crawl/job1?skip=1"], run.Sent().Skip(1));
        Assert.Equal([2], run.Clock.Slept.Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public async Task A_repeated_attempt_waits_for_the_crawl_of_the_attempt_before()
    {
        var run = VendorRun.Of("""{"success": true, "id": "job1"}""", """{"status": 500, "body": "oops"}""", """{"status": "completed", "data": []}""");

        Assert.Equal(["!Execution: Firecrawl answered 500: oops"], await run.RunAsync("FirecrawlCrawlBlock", """{"url": "https://a.test"}"""));
        Assert.Equal(["data=[]"], await run.RunAsync("FirecrawlCrawlBlock", """{"url": "https://a.test"}"""));
        Assert.Equal($"GET {Api}/crawl/job1", run.Sent()[^1]);
    }

    [Theory]
    [InlineData("""{"status": "failed", "error": "no robots"}""", "Firecrawl ended the extract 'job1' as failed: no robots")]
    [InlineData("""{"status": "processing"}""", "The job of Firecrawl did not end within 1800 seconds")]
    public async Task Work_that_fails_or_never_ends_fails_the_block(string state, string message)
    {
        var run = VendorRun.Of(["""{"success": true, "id": "job1"}""", .. Enumerable.Repeat(state, 1000)]);
        Assert.Equal([$"!Execution: {message}"], await run.RunAsync("FirecrawlExtractBlock", """{"urls": ["https://a.test/*"]}"""));
    }

    [Fact]
    public async Task Data_is_extracted_by_a_schema()
    {
        var run = VendorRun.Of("""{"success": true, "id": "job1"}""", """{"status": "completed", "data": {"name": "A"}}""");

        Assert.Equal(["""data={"name":"A"}"""], await run.RunAsync("FirecrawlExtractBlock", """{"urls": ["https://a.test/*"], "prompt": "names", "output_schema": {"type": "object"}}"""));
        Assert.Equal($$$"""POST {{{Api}}}/extract {"urls":["https://a.test/*"],"enableWebSearch":false,"prompt":"names","schema":{"type":"object"}}""", run.Sent()[0]);
    }

    [Fact]
    public async Task A_site_is_mapped_and_the_web_is_searched()
    {
        Assert.Equal(
            ["""links=["https://a.test/1"]""", """results=[{"url":"https://a.test/1","title":"One","description":null}]"""],
            await VendorRun.Of("""{"success": true, "links": [{"url": "https://a.test/1", "title": "One"}]}""").RunAsync("FirecrawlMapWebsiteBlock", """{"url": "https://a.test"}"""));
        Assert.Equal(
            ["""data={"web":[{"url":"https://a.test"}]}""", """site={"url":"https://a.test"}"""],
            await VendorRun.Of("""{"success": true, "data": {"web": [{"url": "https://a.test"}]}}""").RunAsync("FirecrawlSearchBlock", """{"query": "a"}"""));
        Assert.Equal(
            ["!Execution: Firecrawl refused the map: no credits"],
            await VendorRun.Of("""{"success": false, "error": "no credits"}""").RunAsync("FirecrawlMapWebsiteBlock", """{"url": "https://a.test"}"""));
    }
}
