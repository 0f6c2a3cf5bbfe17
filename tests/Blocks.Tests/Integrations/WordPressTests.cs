namespace Grainflow.Blocks.Tests.Integrations;

public sealed class WordPressTests
{
    private const string Api = "https://public-api.wordpress.com/rest/v1.1/sites/blog.example.com/posts";

    [Theory]
    [InlineData("false", "publish")]
    [InlineData("true", "draft")]
    public async Task A_post_is_published_or_stored_as_a_draft(string draft, string status)
    {
        var run = VendorRun.Of("""{"ID": 7, "URL": "https://blog.example.com/7", "short_URL": "https://wp.me/7"}""");

        Assert.Equal(
            ["site=\"blog.example.com\"", "post_id=7", "post_url=\"https://blog.example.com/7\"", "short_url=\"https://wp.me/7\"", """post_data={"ID":7,"URL":"https://blog.example.com/7","short_URL":"https://wp.me/7"}"""],
            await run.RunAsync("WordPressCreatePostBlock", $$"""{"site": "blog.example.com", "title": "T", "content": "<p>C</p>", "tags": ["a", "b"], "media_urls": ["https://m.test/1"], "publish_as_draft": {{draft}}}"""));
        Assert.Equal([$"POST {Api}/new title=T&content=%3Cp%3EC%3C%2Fp%3E&status={status}&tags=a%2Cb&media_urls%5B%5D=https%3A%2F%2Fm.test%2F1"], run.Sent());
        Assert.Equal("Bearer k-secret", run.Http.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task Posts_are_listed_a_page_at_a_time()
    {
        const string Post =
            """{"ID":7,"site_ID":1,"author":{"ID":2,"login":"ada","email":false,"name":"Ada","nice_name":"ada"},"date":"2025-01-01T00:00:00+00:00","modified":"2025-01-01T00:00:00+00:00","title":"T","URL":"u","short_URL":"s","slug":"t","guid":"g","status":"publish","sticky":false,"type":"post","parent":false,"tags":{"a":{"ID":1}},"capabilities":{"edit_post":true}}""";
        var run = VendorRun.Of($$$"""{"found": 31, "posts": [{{{Post}}}], "meta": {}}""");

        Assert.Equal(
            ["site=\"blog.example.com\"", "found=31", $"posts=[{Post}]", $"post={Post}"],
            await run.RunAsync("WordPressGetAllPostsBlock", """{"site": "blog.example.com", "status": "draft", "number": 1, "offset": 30}"""));
        Assert.Equal([$"GET {Api}/?number=1&offset=30&status=draft"], run.Sent());
    }

    [Fact]
    public async Task A_post_that_lacks_what_it_must_have_is_refused() =>
        Assert.Contains("!Output: 'posts[0].site_ID' is required", await VendorRun.Of("""{"found": 1, "posts": [{"ID": 7}]}""").RunAsync("WordPressGetAllPostsBlock", """{"site": "s"}"""));
}
