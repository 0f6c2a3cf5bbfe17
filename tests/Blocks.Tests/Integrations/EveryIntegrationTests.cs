using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Tests.Integrations;

/// <summary>What holds for the blocks of all integrations, whatever their vendor.</summary>
public sealed class EveryIntegrationTests
{
    private static readonly (string Block, string Vendor, string Input)[] All =
    [
        ("SearchTheWebBlock", "Jina", """{"query": "q"}"""),
        ("ExtractWebsiteContentBlock", "Jina", """{"url": "https://example.com/"}"""),
        ("FactCheckerBlock", "Jina", """{"statement": "s"}"""),
        ("JinaEmbeddingBlock", "Jina", """{"texts": ["a"]}"""),
        ("JinaChunkingBlock", "Jina", """{"texts": ["a"]}"""),
        ("GmailReadBlock", "Gmail", "{}"),
        ("GmailSendBlock", "Gmail", """{"to": ["a@example.com"], "subject": "s", "body": "b"}"""),
        ("GmailReplyBlock", "Gmail", """{"threadId": "t", "parentMessageId": "m", "body": "b"}"""),
        ("GmailForwardBlock", "Gmail", """{"messageId": "m", "to": ["a@example.com"]}"""),
        ("GmailAddLabelBlock", "Gmail", """{"message_id": "m", "label_name": "l"}"""),
        ("GmailRemoveLabelBlock", "Gmail", """{"message_id": "m", "label_name": "l"}"""),
        ("GmailListLabelsBlock", "Gmail", "{}"),
        ("GmailGetThreadBlock", "Gmail", """{"threadId": "t"}"""),
        ("GmailCreateDraftBlock", "Gmail", """{"to": ["a@example.com"], "subject": "s", "body": "b"}"""),
        ("GoogleCalendarReadEventsBlock", "Google Calendar", "{}"),
        ("GoogleCalendarCreateEventBlock", "Google Calendar", """{"event_title": "e"}"""),
        ("AirtableCreateBaseBlock", "Airtable", """{"workspace_id": "w", "name": "n"}"""),
        ("AirtableListBasesBlock", "Airtable", "{}"),
        ("AirtableListSchemaBlock", "Airtable", """{"base_id": "b"}"""),
        ("AirtableListRecordsBlock", "Airtable", """{"base_id": "b", "table_id_or_name": "t"}"""),
        ("AirtableGetRecordBlock", "Airtable", """{"base_id": "b", "table_id_or_name": "t", "record_id": "r"}"""),
        ("AirtableCreateRecordsBlock", "Airtable", """{"base_id": "b", "table_id_or_name": "t", "records": [{"a": 1}]}"""),
        ("AirtableUpdateRecordsBlock", "Airtable", """{"base_id": "b", "table_id_or_name": "t", "records": [{"id": "r", "fields": {}}]}"""),
        ("AirtableDeleteRecordsBlock", "Airtable", """{"base_id": "b", "table_id_or_name": "t", "record_ids": ["r"]}"""),
        ("FirecrawlScrapeBlock", "Firecrawl", """{"url": "https://example.com/"}"""),
        ("FirecrawlCrawlBlock", "Firecrawl", """{"url": "https://example.com/"}"""),
        ("FirecrawlMapWebsiteBlock", "Firecrawl", """{"url": "https://example.com/"}"""),
        ("FirecrawlSearchBlock", "Firecrawl", """{"query": "q"}"""),
        ("FirecrawlExtractBlock", "Firecrawl", """{"urls": ["https://example.com/*"]}"""),
        ("ReadDiscordMessagesBlock", "Discord", "{}"),
        ("SendDiscordMessageBlock", "Discord", """{"message_content": "m", "channel_name": "general"}"""),
        ("SendDiscordDMBlock", "Discord", """{"user_id": "1", "message_content": "m"}"""),
        ("ReplyToDiscordMessageBlock", "Discord", """{"channel_id": "1", "message_id": "2", "reply_content": "r"}"""),
        ("DiscordChannelInfoBlock", "Discord", """{"channel_identifier": "general"}"""),
        ("ExecuteCodeBlock", "E2B", """{"code": "1"}"""),
        ("InstantiateCodeSandboxBlock", "E2B", "{}"),
        ("ExecuteCodeStepBlock", "E2B", """{"sandbox_id": "sbx"}"""),
        ("TranscribeYoutubeVideoBlock", "YouTube", """{"youtube_url": "https://youtu.be/x"}"""),
        ("GoogleMapsSearchBlock", "Google Maps", """{"query": "q"}"""),
        ("DataForSeoKeywordSuggestionsBlock", "DataForSEO", """{"keyword": "k"}"""),
        ("DataForSeoRelatedKeywordsBlock", "DataForSEO", """{"keyword": "k"}"""),
        ("AIImageGeneratorBlock", "Replicate", """{"prompt": "p"}"""),
        ("ReplicateFluxAdvancedModelBlock", "Replicate", """{"prompt": "p"}"""),
        ("ReplicateModelBlock", "Replicate", """{"model_name": "o/n"}"""),
        ("AIImageEditorBlock", "Replicate", """{"prompt": "p"}"""),
        ("IdeogramModelBlock", "Ideogram", """{"prompt": "p"}"""),
        ("WordPressCreatePostBlock", "WordPress.com", """{"site": "s", "title": "t", "content": "c"}"""),
        ("WordPressGetAllPostsBlock", "WordPress.com", """{"site": "s"}"""),
        ("AIShortformVideoCreatorBlock", "Revid", """{"script": "s"}"""),
        ("PublishToMediumBlock", "Medium", """{"title": "t", "content": "c", "content_format": "html", "tags": [], "publish_status": "draft"}"""),
    ];

    public static IEnumerable<TheoryDataRow<string, string, string>> Blocks() => All.Select(row => new TheoryDataRow<string, string, string>(row.Block, row.Vendor, row.Input) { TestDisplayName = row.Block });

    [Fact]
    public void Every_block_of_an_integration_is_tried() =>
        Assert.Equal(
            new BlockCatalogue().Blocks.Where(block => block.GetType().Namespace!.StartsWith("Grainflow.Blocks.Integrations.", StringComparison.Ordinal)).Select(block => block.Definition.Name),
            All.Select(row => row.Block).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task An_expired_token_is_told_with_its_cure_and_without_itself(string block, string vendor, string input)
    {
        var lines = await VendorRun.Of("""{"status": 401, "body": {"error": {"message": "the token k-secret has expired"}}}""").RunAsync(block, input);

        var failure = Assert.Single(lines, line => line.StartsWith("!Execution: ", StringComparison.Ordinal));
        Assert.Contains($"{vendor} refused the credential (401): the token *** has expired. It is wrong, has expired or was revoked", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("k-secret", failure, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Too_many_requests_are_waited_for_and_told_when_the_wait_is_too_long(string block, string vendor, string input)
    {
        var run = VendorRun.Of("""{"status": 429, "headers": {"retry-after": "3"}}""", """{"status": 429, "headers": {"retry-after": "900"}}""");

        var failure = Assert.Single(await run.RunAsync(block, input), line => line.StartsWith('!'));

        Assert.Contains($"{vendor} had too many requests of this credential (429): no reason given. Try again in 900 seconds", failure, StringComparison.Ordinal);
        Assert.Equal([3], run.Clock.Slept.Select(pause => pause.TotalSeconds));
    }

    // A page of HTML, as gateways and firewalls answer, and JSON of another shape than the vendor's.
    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task An_answer_that_cannot_be_read_fails_the_block_and_never_breaks_it(string block, string vendor, string input)
    {
        foreach (var body in (string[])["\"<html>oops</html>\"", "[]", "{}", "null", "7", """{"data": 1, "id": 1, "items": {}, "records": 1, "tasks": [1], "messages": [1], "status": 1}"""])
        {
            var run = VendorRun.Of(Enumerable.Repeat($$"""{"status": 200, "body": {{body}}}""", 8));
            var lines = await run.RunAsync(block, input);

            Assert.DoesNotContain(lines, line => line.StartsWith("!Unknown", StringComparison.Ordinal));
            // These two hand on whatever text there is.
            if (body.StartsWith('"') && block is not ("SearchTheWebBlock" or "ExtractWebsiteContentBlock"))
                Assert.Contains(lines, line => line.StartsWith('!') && line.Contains($"The answer of {vendor} cannot be read: ", StringComparison.Ordinal));
        }
    }
}
