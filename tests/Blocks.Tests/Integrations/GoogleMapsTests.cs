namespace Grainflow.Blocks.Tests.Integrations;

public sealed class GoogleMapsTests
{
    [Fact]
    public async Task A_search_goes_on_over_pages_until_it_has_enough()
    {
        static string Page(int from, int count, string next) =>
            $$"""{"places": [{{string.Join(',', Enumerable.Range(from, count).Select(n => $$$"""{"displayName": {"text": "p{{{n}}}"}}"""))}}], "nextPageToken": "{{next}}"}""";
        var run = VendorRun.Of(Page(0, 20, "t2"), Page(20, 20, "t3"));

        var outputs = await run.RunAsync("GoogleMapsSearchBlock", """{"query": "cafes", "max_results": 25}""");

        Assert.Equal(25, outputs.Count);
        Assert.Equal("""place={"name":"p24","address":"","phone":"","rating":0,"reviews":0,"website":""}""", outputs[^1]);
        Assert.Equal(
            [
                """POST https://places.googleapis.com/v1/places:searchText {"textQuery":"cafes","pageSize":20}""",
                """POST https://places.googleapis.com/v1/places:searchText {"textQuery":"cafes","pageSize":5,"pageToken":"t2"}""",
            ],
            run.Sent());
        Assert.Equal("k-secret", run.Http.Requests[0].Headers["X-Goog-Api-Key"]);
        Assert.Contains("places.rating", run.Http.Requests[0].Headers["X-Goog-FieldMask"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_vendors_words() =>
        Assert.Equal(
            ["!Execution: Google Maps answered 400: API key not valid. Please pass a valid API key."],
            await VendorRun.Of("""{"status": 400, "body": {"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT"}}}""").RunAsync("GoogleMapsSearchBlock", """{"query": "q"}"""));

    [Fact]
    public async Task The_number_of_results_has_its_bounds() =>
        Assert.Equal(["!Input: 'max_results' must be 60 or less"], await VendorRun.Of().RunAsync("GoogleMapsSearchBlock", """{"query": "q", "max_results": 61}"""));
}
