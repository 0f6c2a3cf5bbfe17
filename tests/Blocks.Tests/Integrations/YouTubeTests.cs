using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class YouTubeTests
{
    private const string Input = """{"youtube_url": "https://www.youtube.com/watch?v=vid1"}""";

    private const string Page = """{"status": 200, "body": "<html>\"INNERTUBE_API_KEY\":\"key-1\"</html>"}""";

    private const string Captions = """{"status": 200, "body": "<?xml version=\"1.0\"?><transcript><text start=\"0\" dur=\"1\">It&amp;#39;s &lt;i&gt;me&lt;/i&gt;</text><text start=\"1\" dur=\"1\">Hello</text></transcript>"}""";

    [Fact]
    public async Task Captions_come_by_the_page_the_player_and_the_list()
    {
        var run = VendorRun.Of(Page, Player("""{"baseUrl": "https://www.youtube.com/api/timedtext?v=vid1&lang=en&fmt=srv3", "languageCode": "en"}"""), Captions);

        Assert.Equal(["video_id=\"vid1\"", "transcript=\"It's me\\nHello\""], await run.RunAsync("TranscribeYoutubeVideoBlock", Input));
        Assert.Equal(
            [
                "GET https://www.youtube.com/watch?v=vid1",
                """POST https://www.youtube.com/youtubei/v1/player?key=key-1 {"context":{"client":{"clientName":"ANDROID","clientVersion":"20.10.38"}},"videoId":"vid1"}""",
                "GET https://www.youtube.com/api/timedtext?v=vid1&lang=en",
            ],
            run.Sent());
        Assert.All(run.Http.Requests, request => Assert.DoesNotContain("Authorization", request.Headers.Keys));
    }

    [Theory]
    [InlineData(false, "ada-rotate:secret@http://p.webshare.io/")]
    [InlineData(true, null)]
    public async Task Requests_go_through_the_proxies_of_the_account_unless_the_settings_lead_elsewhere(bool isElsewhere, string? proxy)
    {
        var run = VendorRun.Of(Page, Player("""{"baseUrl": "/en", "languageCode": "en"}"""), Captions);
        ((Dictionary<string, Credential>)run.Context.Credentials)["credentials"] = new Credential("cred-1", "webshare_proxy", CredentialTypes.UserPassword, "secret") { Username = "ada" };
        if (isElsewhere) run.Context.Integrations.Bases["youtube"] = new Uri("http://127.0.0.1:9000");

        Assert.Equal(2, (await run.RunAsync("TranscribeYoutubeVideoBlock", Input)).Count);
        Assert.All(run.Http.Requests, request => Assert.Equal(proxy, request.Through));
        Assert.StartsWith(isElsewhere ? "http://127.0.0.1:9000/watch" : "https://www.youtube.com/watch", run.Http.Requests[0].Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"baseUrl": "/de", "languageCode": "de"}, {"baseUrl": "/asr", "languageCode": "en", "kind": "asr"}, {"baseUrl": "/en", "languageCode": "en"}""", "/en")]
    [InlineData("""{"baseUrl": "/asr", "languageCode": "en", "kind": "asr"}, {"baseUrl": "/de", "languageCode": "de"}""", "/asr")]
    [InlineData("""{"baseUrl": "/asr", "languageCode": "fr", "kind": "asr"}, {"baseUrl": "/de", "languageCode": "de"}""", "/de")]
    public async Task English_captions_go_first_and_those_of_people_before_those_of_machines(string tracks, string path)
    {
        var run = VendorRun.Of(Page, Player(tracks), Captions);
        await run.RunAsync("TranscribeYoutubeVideoBlock", Input);
        Assert.Equal($"GET https://www.youtube.com{path}", run.Sent()[^1]);
    }

    [Fact]
    public async Task A_form_that_asks_for_consent_is_answered()
    {
        var run = VendorRun.Of(
            """{"status": 200, "body": "<form action=\"https://consent.youtube.com/s\"><input name=\"v\" value=\"cb.1\"></form>"}""", Page, Player("""{"baseUrl": "/en", "languageCode": "en"}"""), Captions);

        Assert.Equal(2, (await run.RunAsync("TranscribeYoutubeVideoBlock", Input)).Count);
        Assert.Equal("CONSENT=YES+cb.1", run.Http.Requests[1].Headers["Cookie"]);
    }

    [Theory]
    [InlineData("""{"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": "Private video"}}""", "The video 'vid1' cannot be played: Private video")]
    [InlineData("""{"playabilityStatus": {"status": "OK"}}""", "The video 'vid1' has no captions")]
    public async Task A_video_without_captions_says_why(string player, string message) =>
        Assert.Equal(["video_id=\"vid1\"", $"!Execution: {message}"], await VendorRun.Of(Page, player).RunAsync("TranscribeYoutubeVideoBlock", Input));

    [Theory]
    [InlineData("""{"status": 200, "body": "<form class=\"g-recaptcha\">"}""", "YouTube asks whether a person is there, because too many requests came from this address. Try again later")]
    [InlineData("""{"status": 200, "body": "<html>"}""", "The answer of YouTube cannot be read: the page of the video has no player")]
    public async Task A_page_without_a_player_says_why(string page, string message) =>
        Assert.Equal(["video_id=\"vid1\"", $"!Execution: {message}"], await VendorRun.Of(page).RunAsync("TranscribeYoutubeVideoBlock", Input));

    [Fact]
    public async Task Captions_that_are_no_xml_or_have_a_document_type_are_refused()
    {
        foreach (var body in (string[])["oops", "<!DOCTYPE a [<!ENTITY b 'c'>]><transcript/>"])
        {
            var run = VendorRun.Of(Page, Player("""{"baseUrl": "/en", "languageCode": "en"}"""), $$"""{"status": 200, "body": "{{body}}"}""");
            Assert.Equal("!Execution: The answer of YouTube cannot be read: the captions are no XML", (await run.RunAsync("TranscribeYoutubeVideoBlock", Input))[^1]);
        }
    }

    private static string Player(string tracks) => $$$$"""{"playabilityStatus": {"status": "OK"}, "captions": {"playerCaptionsTracklistRenderer": {"captionTracks": [{{{{tracks}}}}]}}}""";
}
