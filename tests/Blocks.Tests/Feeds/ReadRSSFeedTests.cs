using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Feeds;

public sealed class ReadRSSFeedTests
{
    private const string Block = "ReadRSSFeedBlock";

    [Fact]
    public async Task An_Atom_feed_is_read()
    {
        const string Feed = """
            <feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><id>urn:f</id><updated>2025-01-01T00:00:00Z</updated>
            <entry><title>One</title><id>urn:1</id><link href="https://e.test/1"/><summary>S</summary><author><name>Ann</name></author><category term="news"/><updated>2024-12-31T20:00:00-03:00</updated><published>2024-12-31T20:00:00-03:00</published></entry></feed>
            """;

        const string Entry = """{"title":"One","link":"https://e.test/1","description":"S","pub_date":"2024-12-31T23:00:00Z","author":"Ann","categories":["news"]}""";
        Assert.Equal([$"entry={Entry}", $"entries=[{Entry}]"], await ReadAsync(Feed));
    }

    [Theory]
    [InlineData("Tue, 31 Dec 2024 18:00:00 EST", "2024-12-31T23:00:00Z")]
    [InlineData("31 Dec 24 23:00 GMT", "2024-12-31T23:00:00Z")]
    [InlineData("2024-12-31T23:00:00Z", "2024-12-31T23:00:00Z")]
    [InlineData("2024-12-31 23:00:00", "2024-12-31T23:00:00Z")]
    public async Task Dates_of_mail_and_of_ISO_are_read(string date, string expected) =>
        Assert.Contains($"\"pub_date\":\"{expected}\"", (await ReadAsync(Rss($"<item><title>t</title><pubDate>{date}</pubDate></item>")))[0], StringComparison.Ordinal);

    [Fact]
    public async Task An_item_without_a_date_fails_after_the_ones_before_it()
    {
        var shown = await ReadAsync(Rss("<item><title>a</title><pubDate>Tue, 31 Dec 2024 23:00:00 GMT</pubDate></item><item><title>b</title></item>"));
        Assert.StartsWith("entry=", shown[0], StringComparison.Ordinal);
        Assert.Equal("!Execution: The entry 'b' of the feed has no date", shown[1]);
    }

    [Theory]
    [InlineData("no feed at all")]
    [InlineData("<html><body>hello</body></html>")]
    [InlineData("")]
    [InlineData("<rss version=\"2.0\"><channel>")]
    [InlineData("<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\"><!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\">]><rss version=\"2.0\"><channel><title>&h;</title></channel></rss>")]
    public async Task What_is_no_feed_has_no_entries(string body) => Assert.Equal(["entries=[]"], await ReadAsync(body));

    [Fact]
    public async Task A_file_that_a_feed_names_is_not_read()
    {
        const string Feed = """<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><item><title>x&a;</title><pubDate>Tue, 31 Dec 2024 23:00:00 GMT</pubDate></item></channel></rss>""";
        Assert.Contains("\"title\":\"x\"", (await ReadAsync(Feed))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_is_polled_for_ever_waits_between_rounds_and_ends_when_it_is_stopped()
    {
        var reply = """{"status": 500, "headers": {}, "body": ""}""";
        var run = new TestRun(JsonValues.Parse($$"""{"http": [{{reply}}, {{reply}}, {{reply}}]}"""));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var rounds = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var output in BlockRunner.RunAsync(BlockResults.Block(Block), JsonValues.Parse("""{"rss_url": "https://e.test/", "polling_rate": 0}"""), run.Context, stop.Token))
                if (++rounds == 3) await stop.CancelAsync();
        });

        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], run.Clock.Slept);
    }

    private static string Rss(string items) => $"<rss version=\"2.0\"><channel><title>F</title><link>https://e.test</link><description>d</description>{items}</channel></rss>";

    private static Task<List<string>> ReadAsync(string body)
    {
        var reply = JsonValues.Object(KeyValuePair.Create("status", JsonValues.From(200)), KeyValuePair.Create("body", JsonValues.From(body)));
        var run = new TestRun(JsonValues.Object(KeyValuePair.Create("http", JsonValues.Array(reply))));
        return BlockResults.RunAsync(Block, """{"rss_url": "https://e.test/", "polling_rate": 1, "run_continuously": false, "time_period": 1000}""", run);
    }
}
