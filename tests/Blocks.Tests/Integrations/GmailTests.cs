using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Integrations.Gmail;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;
using MimeKit;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class GmailTests
{
    private const string Api = "https://gmail.googleapis.com/gmail/v1/users/me";

    [Fact]
    public async Task Mails_are_read_with_their_recipients_text_and_files()
    {
        var run = VendorRun.Of("""{"messages": [{"id": "m1"}]}""", Mail("m1"));

        var outputs = await run.RunAsync("GmailReadBlock", """{"query": "from:ada", "max_results": 5}""");

        const string Expected =
            """{"threadId":"t1","labelIds":["INBOX"],"id":"m1","subject":"Hello","snippet":"Hi","from_":"ada@example.com","to":["bob@example.com","eve@example.com"],"cc":[],"bcc":[],"date":"Mon, 1 Jan 2024","body":"Hi Bob","sizeEstimate":99,"attachments":[{"filename":"a.txt","content_type":"text/plain","size":3,"attachment_id":"f1"}]}""";
        Assert.Equal([$"email={Expected}", $"emails=[{Expected}]"], outputs);
        Assert.Equal([$"GET {Api}/messages?maxResults=5&q=from%3Aada", $"GET {Api}/messages/m1?format=full"], run.Sent());
    }

    [Fact]
    public async Task A_search_goes_on_over_pages_until_it_has_enough()
    {
        var run = VendorRun.Of(["""{"messages": [{"id": "m1"}, {"id": "m2"}], "nextPageToken": "p2"}""", """{"messages": [{"id": "m3"}, {"id": "m4"}], "nextPageToken": "p3"}""", .. Enumerable.Range(1, 3).Select(n => Mail($"m{n}"))]);

        Assert.Equal(4, (await run.RunAsync("GmailReadBlock", """{"query": "", "max_results": 3}""")).Count);
        Assert.Equal([$"GET {Api}/messages?maxResults=3", $"GET {Api}/messages?maxResults=1&pageToken=p2", $"GET {Api}/messages/m1?format=full", $"GET {Api}/messages/m2?format=full", $"GET {Api}/messages/m3?format=full"], run.Sent());
    }

    [Fact]
    public async Task Too_many_requests_are_also_told_by_403()
    {
        var run = VendorRun.Of("""{"status": 403, "body": {"error": {"errors": [{"reason": "rateLimitExceeded"}], "message": "slow down"}}}""", """{"labels": [{"id": "L1", "name": "Work", "type": "user"}]}""");

        Assert.Equal(["""result=[{"id":"L1","name":"Work"}]"""], await run.RunAsync("GmailListLabelsBlock", "{}"));
        Assert.Single(run.Clock.Slept);
    }

    [Fact]
    public async Task A_mail_is_sent_with_its_files_and_an_id_that_all_attempts_have()
    {
        var run = VendorRun.Of("""{"id": "m9", "threadId": "t9"}""");
        run.Files.Files["plan.csv"] = Encoding.UTF8.GetBytes("a,b");

        Assert.Equal(
            ["""result={"id":"m9","status":"sent"}"""],
            await run.RunAsync("GmailSendBlock", """{"to": ["Ada <ada@example.com>"], "cc": ["bob@example.com"], "bcc": ["eve@example.com"], "subject": "Grüße", "body": "<p>Hi</p>", "attachments": ["plan.csv"]}"""));

        var mail = SentMail(run);
        Assert.Equal("node-execution-1@grainflow", mail.MessageId);
        Assert.Equal(("Grüße", "ada@example.com", "bob@example.com", "eve@example.com"), (mail.Subject, mail.To.Mailboxes.Single().Address, mail.Cc.Mailboxes.Single().Address, mail.Bcc.Mailboxes.Single().Address));
        Assert.Empty(mail.From);
        Assert.Equal("<p>Hi</p>", mail.HtmlBody?.Trim());
        var file = Assert.IsType<MimePart>(Assert.Single(mail.Attachments), exactMatch: false);
        Assert.Equal(("plan.csv", "text/csv"), (file.FileName, file.ContentType.MimeType));
    }

    [Theory]
    [InlineData("a < b and c > d", null, true)]
    [InlineData("a < b and c > d", "plain", false)]
    [InlineData("Plain", "html", true)]
    [InlineData("Plain", "auto", false)]
    public async Task The_kind_of_a_text_is_as_asked_for_or_as_it_looks(string body, string? kind, bool isHtml)
    {
        var run = VendorRun.Of("""{"id": "d1", "message": {"id": "m1"}}""");
        var input = JsonValues.Object(
            KeyValuePair.Create("to", JsonValues.Parse("""["a@example.com"]""")), KeyValuePair.Create("subject", JsonValues.From("s")), KeyValuePair.Create("body", JsonValues.From(body)), KeyValuePair.Create("content_type", JsonValues.From(kind)));

        Assert.Equal(["""result={"id":"d1","message_id":"m1","status":"draft_created"}"""], await run.RunAsync("GmailCreateDraftBlock", JsonValues.Compact(input)));
        Assert.Equal(isHtml, SentMail(run).HtmlBody is not null);
    }

    [Fact]
    public async Task An_answer_goes_to_whom_it_should_in_the_conversation()
    {
        var run = VendorRun.Of(
            """{"id": "m1", "payload": {"headers": [{"name": "From", "value": "Ada <ada@example.com>"}, {"name": "To", "value": "me@example.com, bob@example.com"}, {"name": "Subject", "value": "Plan"}, {"name": "Message-ID", "value": "<x@y>"}, {"name": "References", "value": "<w@y>"}]}}""",
            """{"id": "m2", "threadId": "t1", "labelIds": ["SENT"]}""");

        var outputs = await run.RunAsync("GmailReplyBlock", """{"threadId": "t1", "parentMessageId": "m1", "body": "Yes", "replyAll": true}""");

        Assert.Equal(["messageId=\"m2\"", "threadId=\"t1\"", """message={"id":"m2","threadId":"t1","labelIds":["SENT"]}"""], outputs.Take(3));
        Assert.Contains("\"to\":[\"ada@example.com\",\"me@example.com\",\"bob@example.com\"]", outputs[3], StringComparison.Ordinal);
        var mail = SentMail(run);
        Assert.Equal(("Re: Plan", "x@y"), (mail.Subject, mail.InReplyTo));
        Assert.Equal(["w@y", "x@y"], mail.References);
        Assert.Contains("\"threadId\":\"t1\"", run.Http.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_is_forwarded_with_its_text_and_files()
    {
        var run = VendorRun.Of(Mail("m1"), """{"data": "YWJj", "size": 3}""", """{"id": "m5", "threadId": "t5"}""");

        Assert.Equal(
            ["messageId=\"m5\"", "threadId=\"t5\"", "status=\"forwarded\""],
            await run.RunAsync("GmailForwardBlock", """{"messageId": "m1", "to": ["zoe@example.com"], "forwardMessage": "Look", "content_type": "plain"}"""));

        var mail = SentMail(run);
        Assert.Equal("Fwd: Hello", mail.Subject);
        Assert.StartsWith("Look\n\n---------- Forwarded message ---------\nFrom: Ada <ada@example.com>\n", mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("Hi Bob", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal("a.txt", Assert.IsType<MimePart>(Assert.Single(mail.Attachments), exactMatch: false).FileName);
    }

    [Fact]
    public async Task A_label_is_made_where_there_is_none_and_removed_only_where_there_is_one()
    {
        var run = VendorRun.Of("""{"labels": []}""", """{"id": "L7", "name": "Work"}""", """{"id": "m1", "labelIds": ["L7"]}""", """{"labels": [{"id": "L7", "name": "Work"}]}""");

        Assert.Equal(["""result={"label_id":"L7","status":"Label added successfully"}"""], await run.RunAsync("GmailAddLabelBlock", """{"message_id": "m1", "label_name": "Work"}"""));
        Assert.Equal(["""result={"label_id":"","status":"Label not found"}"""], await run.RunAsync("GmailRemoveLabelBlock", """{"message_id": "m1", "label_name": "Home"}"""));
        Assert.Equal([$"GET {Api}/labels", $$"""POST {{Api}}/labels {"name":"Work"}""", $$"""POST {{Api}}/messages/m1/modify {"addLabelIds":["L7"]}""", $"GET {Api}/labels"], run.Sent());
    }

    [Fact]
    public async Task A_conversation_is_read_whole()
    {
        var run = VendorRun.Of($$"""{"id": "t1", "historyId": "7", "messages": [{{Mail("m1")}}, {{Mail("m2")}}]}""");

        var output = Assert.Single(await run.RunAsync("GmailGetThreadBlock", """{"threadId": "t1"}"""));
        var thread = JsonValues.Parse(output["thread=".Length..]);
        Assert.Equal(["m1", "m2"], thread.GetProperty("messages").EnumerateArray().Select(mail => mail.GetProperty("id").GetString()));
        Assert.Equal("7", thread.GetProperty("historyId").GetString());
    }

    [Theory]
    [InlineData("<html><head><title>T</title><style>p{}</style></head><body><p>Hello <b>you</b></p><p>See <a href=\"https://a.test\">this</a></p></body></html>", "Hello you\n\nSee [this](https://a.test)")]
    [InlineData("a &amp; b<br>c<ul><li>one<li>two</ul>", "a & b\nc\n* one\n* two")]
    [InlineData("<script>x()</script>", "")]
    public void Html_is_read_as_text(string html, string text) => Assert.Equal(text, HtmlText.Of(html));

    [Fact]
    public async Task A_token_that_may_see_metadata_only_asks_for_nothing_else()
    {
        var run = VendorRun.Of("""{"messages": [{"id": "m1"}]}""", Mail("m1"));
        var scoped = new Credential("cred-1", "google", CredentialTypes.OAuth2, "k-secret") { Scopes = ImmutableArray.Create("https://www.googleapis.com/auth/gmail.metadata") };
        ((Dictionary<string, Credential>)run.Context.Credentials)["credentials"] = scoped;

        await run.RunAsync("GmailReadBlock", "{}");

        Assert.Equal([$"GET {Api}/messages?maxResults=10", $"GET {Api}/messages/m1?format=metadata"], run.Sent());
    }

    private static string Mail(string id) =>
        $$$"""
        {"id": "{{{id}}}", "threadId": "t1", "labelIds": ["INBOX"], "snippet": "Hi", "sizeEstimate": 99, "payload": {"mimeType": "multipart/mixed",
          "headers": [{"name": "Subject", "value": "Hello"}, {"name": "From", "value": "Ada <ada@example.com>"}, {"name": "To", "value": "bob@example.com, Eve <eve@example.com>"}, {"name": "Date", "value": "Mon, 1 Jan 2024"}],
          "parts": [{"mimeType": "text/plain", "filename": "", "body": {"data": "{{{Base64Url.EncodeToString("Hi Bob"u8)}}}"}}, {"mimeType": "text/plain", "filename": "a.txt", "body": {"attachmentId": "f1", "size": 3}}]}}
        """;

    private static MimeMessage SentMail(TestRun run)
    {
        var body = JsonValues.Parse(run.Http.Requests[^1].Body);
        var raw = (body.Member("message") ?? body).GetProperty("raw").GetString()!;
        return MimeMessage.Load(new MemoryStream(Base64Url.DecodeFromChars(raw)), TestContext.Current.CancellationToken);
    }
}
