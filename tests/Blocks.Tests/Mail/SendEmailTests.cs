using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;
using Microsoft.Extensions.Time.Testing;

namespace Grainflow.Blocks.Tests.Mail;

public sealed class SendEmailTests
{
    private const string Block = "SendEmailBlock";

    [Fact]
    public async Task The_mail_is_sent_over_TLS_with_its_text_and_the_id_of_the_node_execution()
    {
        await using var run = Run(MailServerMood.Ok);

        Assert.Equal(["status=\"Email sent successfully\""], await BlockResults.RunAsync(Block, Input(body: "Grüße\n.\nEnde"), run));

        Assert.Equal("node-execution-1@grainflow", run.Mail!.Mail!.MessageId);
        Assert.Equal("Grüße\n.\nEnde", run.Mail.Mail.TextBody!.ReplaceLineEndings("\n").TrimEnd('\n'));
        Assert.Equal(run.Context.Clock.GetUtcNow(), run.Mail.Mail.Date);
    }

    [Fact]
    public async Task A_line_break_in_the_subject_adds_no_header()
    {
        await using var run = Run(MailServerMood.Ok);

        await BlockResults.RunAsync(Block, Input(subject: "hello\r\nBcc: victim@example.com"), run);

        Assert.Empty(run.Mail!.Mail!.Bcc);
        Assert.Contains("victim", run.Mail.Mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_gets_no_password()
    {
        await using var run = Run(MailServerMood.WithoutTls);

        Assert.StartsWith("!Execution: Couldn't send email: ", Assert.Single(await BlockResults.RunAsync(Block, Input(), run)), StringComparison.Ordinal);

        Assert.Equal("""["connect","smtp.example.com",2525]""", JsonValues.Compact(Assert.Single(run.Mail!.Steps)));
    }

    [Fact]
    public async Task A_refused_password_is_told_without_the_password()
    {
        await using var run = Run(MailServerMood.WrongPassword);

        var shown = Assert.Single(await BlockResults.RunAsync(Block, Input(), run));

        Assert.StartsWith("!Execution: Couldn't send email: ", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("pw", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_server_is_given_up_after_30_seconds()
    {
        var clock = new FakeTimeProvider();
        await using var run = Run(MailServerMood.Silent, clock);

        var running = BlockResults.RunAsync(Block, Input(), run);
        await run.Mail!.Connected;
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(["!Execution: smtp.example.com did not take the mail within 30 seconds. It may have been sent"], await running);
    }

    [Theory]
    [InlineData("{\"smtp_server\": \"smtp.example.com\", \"smtp_port\": 0}", "a@b.test", "'smtp_port' must be 1 to 65535")]
    [InlineData("{\"smtp_server\": \"smtp.example.com\"}", "not an address", "'to_email' must be a mail address, not 'not an address'")]
    [InlineData("{\"smtp_server\": \"smtp.example.com\"}", "a@b.test\nBcc: c@d.test", "'to_email' must be a mail address, not 'a@b.test\nBcc: c@d.test'")]
    public async Task What_cannot_be_sent_is_refused_by_its_name(string config, string recipient, string reason)
    {
        await using var run = Run(MailServerMood.Ok);
        Assert.Equal(["!Execution: " + reason], await BlockResults.RunAsync(Block, Input(config: config, recipient: recipient), run));
        Assert.Empty(run.Mail!.Steps);
    }

    [Theory]
    [InlineData("127.0.0.1", "is refused: 127.0.0.1 is a loopback address")]
    [InlineData("2130706433", "is refused: 127.0.0.1 is a loopback address")]
    [InlineData("[::1]", "is refused: ::1 is a loopback address")]
    [InlineData("::1", "is refused: ::1 is a loopback address")]
    [InlineData("mail.internal", "is refused: 10.0.0.5 is a private address")]
    [InlineData("user@evil.test", "is no host to connect to")]
    [InlineData("a/b", "is no host to connect to")]
    [InlineData("", "is no host to connect to")]
    public async Task A_mail_server_inside_of_the_network_is_not_reached(string host, string reason)
    {
        var streams = new OutgoingStreams(new OutgoingHttpOptions(), (_, _) => Task.FromResult<System.Net.IPAddress[]>([System.Net.IPAddress.Parse("10.0.0.5")]));
        var refused = await Assert.ThrowsAsync<OutgoingHttpException>(() => streams.ConnectAsync(host, 25, TestContext.Current.CancellationToken));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_mail_server_is_reached_by_the_address_that_was_checked()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var streams = new OutgoingStreams(new OutgoingHttpOptions { TrustedEndpoints = [$"mail.internal:{port}"] }, (_, _) => Task.FromResult<System.Net.IPAddress[]>([System.Net.IPAddress.Loopback]));

        await using var stream = await streams.ConnectAsync("mail.internal", port, TestContext.Current.CancellationToken);

        using var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.True(accepted.Connected);
    }

    private static TestRun Run(MailServerMood mood, TimeProvider? clock = null) =>
        new(JsonValues.Parse($$"""{"smtp": "{{mood}}"}"""), clock: clock);

    private static System.Text.Json.JsonElement Input(string body = "b", string subject = "s", string config = "{\"smtp_server\": \"smtp.example.com\", \"smtp_port\": 2525}", string recipient = "r@example.com") =>
        JsonValues.Object(
            KeyValuePair.Create("to_email", JsonValues.From(recipient)),
            KeyValuePair.Create("subject", JsonValues.From(subject)),
            KeyValuePair.Create("body", JsonValues.From(body)),
            KeyValuePair.Create("config", JsonValues.Parse(config)),
            KeyValuePair.Create("credentials", JsonValues.Parse($$"""{"id": "cred-1", "provider": "smtp", "type": "{{CredentialTypes.UserPassword}}"}""")));
}
