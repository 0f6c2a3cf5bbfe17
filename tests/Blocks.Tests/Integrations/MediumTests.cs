namespace Grainflow.Blocks.Tests.Integrations;

public sealed class MediumTests
{
    private const string Story = "\"title\": \"T\", \"content\": \"C\", \"content_format\": \"markdown\", \"tags\": [\"AI\"], \"publish_status\": \"public\"";

    private const string Published = """{"data": {"id": "p1", "url": "https://medium.test/p1", "publishedAt": 1}}""";

    private const string Sent = """{"title":"T","content":"C","contentFormat":"markdown","tags":["AI"],"publishStatus":"public","license":"all-rights-reserved","notifyFollowers":false}""";

    [Fact]
    public async Task A_story_is_published_in_the_name_of_its_author()
    {
        var run = VendorRun.Of(Published);
        Assert.Equal(["post_id=\"p1\"", "post_url=\"https://medium.test/p1\"", "published_at=1"], await run.RunAsync("PublishToMediumBlock", $$"""{ {{Story}}, "author_id": "a1"}"""));
        Assert.Equal([$"POST https://api.medium.com/v1/users/a1/posts {Sent}"], run.Sent());
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"author_id\": \"\"")]
    public async Task Without_an_author_it_is_the_one_who_gave_the_token(string author)
    {
        var run = VendorRun.Of("""{"data": {"id": "me1"}}""", Published);
        Assert.Equal(3, (await run.RunAsync("PublishToMediumBlock", $$"""{ {{Story}}{{author}}}""")).Count);
        Assert.Equal(["GET https://api.medium.com/v1/me", $"POST https://api.medium.com/v1/users/me1/posts {Sent}"], run.Sent());
    }

    [Fact]
    public async Task A_refusal_in_the_answer_fails_the_block() =>
        Assert.Equal(
            ["!Execution: Failed to create Medium post: Token was invalid."],
            await VendorRun.Of("""{"errors": [{"message": "Token was invalid.", "code": 6003}]}""").RunAsync("PublishToMediumBlock", $$"""{ {{Story}}, "author_id": "a1"}"""));
}
