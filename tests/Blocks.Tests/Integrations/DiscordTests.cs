using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class DiscordTests
{
    private const string Api = "https://discord.com/api/v10";

    private const string Guilds = """[{"id": "10", "name": "Home"}, {"id": "20", "name": "Work"}]""";

    [Fact]
    public async Task A_message_goes_to_the_channel_of_that_name_on_that_server()
    {
        var run = VendorRun.Of(Guilds, """[{"id": "201", "name": "general", "type": 2}, {"id": "202", "name": "general", "type": 0}]""", """{"id": "9"}""");

        Assert.Equal(
            ["status=\"Message sent\"", "message_id=\"9\"", "channel_id=\"202\""],
            await run.RunAsync("SendDiscordMessageBlock", """{"message_content": "hi", "channel_name": "general", "server_name": "Work"}"""));
        Assert.Equal([$"GET {Api}/users/@me/guilds?limit=200", $"GET {Api}/guilds/20/channels"], run.Sent().Take(2));
        Assert.Equal("Bot k-secret", run.Http.Requests[2].Headers["Authorization"]);
        var body = JsonValues.Parse(run.Http.Requests[2].Body);
        Assert.True(body.GetProperty("enforce_nonce").GetBoolean());
        Assert.Equal(25, body.GetProperty("nonce").GetString()!.Length);
    }

    [Fact]
    public async Task A_long_message_is_sent_in_parts_which_a_repeated_attempt_sends_with_the_same_nonces()
    {
        string[] script = ["""{"id": "5", "name": "x", "type": 0, "guild_id": "10"}""", """{"id": "1"}""", """{"id": "2"}"""];
        var (first, second) = (VendorRun.Of(script), VendorRun.Of(script));
        var input = JsonValues.Compact(JsonValues.Object(KeyValuePair.Create("message_content", JsonValues.From(new string('a', 2001))), KeyValuePair.Create("channel_name", JsonValues.From("5"))));

        Assert.Equal(["status=\"Message sent\"", "message_id=\"2\"", "channel_id=\"5\""], await first.RunAsync("SendDiscordMessageBlock", input));
        await second.RunAsync("SendDiscordMessageBlock", input);

        Assert.Equal([2000, 1], first.Http.Requests.Skip(1).Select(request => JsonValues.Parse(request.Body).GetProperty("content").GetString()!.Length));
        Assert.Equal(first.Sent(), second.Sent());
        Assert.NotEqual(JsonValues.Parse(first.Http.Requests[1].Body).GetProperty("nonce").GetString(), JsonValues.Parse(first.Http.Requests[2].Body).GetProperty("nonce").GetString());
    }

    [Theory]
    [InlineData("""{"status": 404, "body": {"message": "Unknown Channel", "code": 10003}}""", "Channel not found: 5")]
    [InlineData("""{"id": "5", "type": 4}""", "Channel 5 cannot receive messages (not a text channel)")]
    public async Task A_channel_that_takes_no_message_is_told_by_the_status(string answer, string status) =>
        Assert.Equal([$"status=\"{status}\""], await VendorRun.Of(answer).RunAsync("SendDiscordMessageBlock", """{"message_content": "hi", "channel_name": "5"}"""));

    [Fact]
    public async Task Servers_are_listed_over_pages()
    {
        var page = string.Join(',', Enumerable.Range(1, 200).Select(n => $$"""{"id": "{{n}}", "name": "s{{n}}"}"""));
        var run = VendorRun.Of($"[{page}]", """[{"id": "777", "name": "Last"}]""", """[{"id": "5", "name": "general", "type": 15}]""");

        Assert.Equal(
            ["channel_id=\"5\"", "channel_name=\"general\"", "server_id=\"777\"", "server_name=\"Last\"", "channel_type=\"forum\""],
            await run.RunAsync("DiscordChannelInfoBlock", """{"channel_identifier": "general", "server_name": "Last"}"""));
        Assert.Equal($"GET {Api}/users/@me/guilds?limit=200&after=200", run.Sent()[1]);
    }

    [Theory]
    [InlineData("""{"id": "5", "type": 0, "name": "general", "guild_id": "10"}""", "channel_name=\"general\" server_id=\"10\" server_name=\"Home\" channel_type=\"text\"")]
    [InlineData("""{"id": "5", "type": 1}""", "channel_name=\"Private Channel\" server_id=\"\" server_name=\"Direct Message\" channel_type=\"private\"")]
    public async Task A_channel_is_described_by_its_id(string channel, string outputs) =>
        Assert.Equal($"channel_id=\"5\" {outputs}", string.Join(' ', await VendorRun.Of(channel, """{"id": "10", "name": "Home"}""").RunAsync("DiscordChannelInfoBlock", """{"channel_identifier": "5"}""")));

    [Fact]
    public async Task A_direct_message_is_sent_or_the_status_says_why_not()
    {
        var run = VendorRun.Of("""{"id": "7"}""", """{"id": "70"}""", """{"id": "9"}""");
        Assert.Equal(["status=\"DM sent successfully\"", "message_id=\"9\""], await run.RunAsync("SendDiscordDMBlock", """{"user_id": "7", "message_content": "hi"}"""));
        Assert.Equal([$"GET {Api}/users/7", $$"""POST {{Api}}/users/@me/channels {"recipient_id":"7"}"""], run.Sent().Take(2));

        Assert.Equal(["status=\"User with ID 7 not found\""], await VendorRun.Of("""{"status": 404}""").RunAsync("SendDiscordDMBlock", """{"user_id": "7", "message_content": "hi"}"""));
        Assert.Equal(["status=\"Invalid user ID format: bob\""], await VendorRun.Of().RunAsync("SendDiscordDMBlock", """{"user_id": "bob", "message_content": "hi"}"""));
        Assert.Equal(
            ["status=\"Cannot send DM - user has DMs disabled or bot is blocked\""],
            await VendorRun.Of("""{"id": "7"}""", """{"id": "70"}""", """{"status": 403, "body": {"message": "Cannot send messages to this user", "code": 50007}}""").RunAsync("SendDiscordDMBlock", """{"user_id": "7", "message_content": "hi"}"""));
    }

    [Fact]
    public async Task A_message_is_answered_with_or_without_telling_its_author()
    {
        var run = VendorRun.Of("""{"id": "5", "type": 0}""", """{"id": "6"}""", """{"id": "9"}""");
        Assert.Equal(["status=\"Reply sent successfully\"", "reply_id=\"9\""], await run.RunAsync("ReplyToDiscordMessageBlock", """{"channel_id": "5", "message_id": "6", "reply_content": "yes", "mention_author": false}"""));
        var body = JsonValues.Parse(run.Http.Requests[^1].Body);
        Assert.Equal("""{"message_id":"6","channel_id":"5"}""", JsonValues.Compact(body.GetProperty("message_reference")));
        Assert.False(body.GetProperty("allowed_mentions").GetProperty("replied_user").GetBoolean());

        Assert.Equal(
            ["status=\"Message with ID 6 not found\""],
            await VendorRun.Of("""{"id": "5", "type": 0}""", """{"status": 404}""").RunAsync("ReplyToDiscordMessageBlock", """{"channel_id": "5", "message_id": "6", "reply_content": "yes"}"""));
    }

    [Fact]
    public async Task The_next_message_of_another_is_waited_for_with_its_text_file()
    {
        const string Guild = """[{"id": "10", "name": "Home"}]""";
        static string Channels(int last) => $$"""[{"id": "5", "name": "general", "type": 0, "last_message_id": "{{last}}"}, {"id": "6", "name": "talk", "type": 2, "last_message_id": "900"}]""";
        var run = VendorRun.Of(
            """{"id": "1"}""", Guild,
            Channels(100),
            Channels(101), """[{"id": "101", "content": "mine", "author": {"id": "1", "username": "bot"}}]""",
            Channels(103), """[{"id": "103", "content": "later", "author": {"id": "2", "username": "ada"}}, {"id": "102", "content": "see", "author": {"id": "3", "username": "bob"}, "attachments": [{"filename": "a.txt", "url": "https://cdn.test/a.txt"}]}]""",
            """{"status": 200, "body": "the file"}""");

        Assert.Equal(
            ["message_content=\"see\\n\\nFile from user: a.txt\\nContent: the file\"", "message_id=\"102\"", "channel_id=\"5\"", "channel_name=\"general\"", "user_id=\"3\"", "username=\"bob\""],
            await run.RunAsync("ReadDiscordMessagesBlock", "{}"));
        Assert.Equal([$"GET {Api}/channels/5/messages?after=100&limit=100", $"GET {Api}/channels/5/messages?after=101&limit=100"], run.Sent().Where(line => line.Contains("messages", StringComparison.Ordinal)));
        Assert.Equal([5, 5], run.Clock.Slept.Select(pause => pause.TotalSeconds));
        Assert.DoesNotContain("Authorization", run.Http.Requests[^1].Headers.Keys);
    }

    [Fact]
    public async Task A_bot_that_is_nowhere_is_told_so() =>
        Assert.Equal(["!Execution: The bot is in no server; invite it to one first"], await VendorRun.Of("""{"id": "1"}""", "[]").RunAsync("ReadDiscordMessagesBlock", "{}"));
}
