using System.Text.Json;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Blocks.Text;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Text;

public sealed class CutTextTests
{
    private const string Grin = "😀";

    [Theory]
    [InlineData("abc", 2, "ab")]
    [InlineData("abc", 3, "abc")]
    [InlineData("a😀b", 2, "a😀")]
    [InlineData("😀😀", 2, "😀😀")]
    [InlineData("😀😀", 1, "😀")]
    [InlineData("😀", 0, "")]
    public void A_text_is_cut_between_code_points(string text, int limit, string expected) => Assert.Equal(expected, CodePointText.Cut(text, limit));

    [Fact]
    public async Task The_start_of_a_failed_reply_is_shown_to_a_whole_character()
    {
        var failure = Assert.Single(await BlockResults.RunAsync("ExtractWebsiteContentBlock", Reading("http://x.example/"), Answering(500, "a" + Repeated(600))));

        Assert.EndsWith($" answered 500: a{Repeated(499)}…", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_reply_of_the_greatest_length_is_shown_whole()
    {
        var failure = Assert.Single(await BlockResults.RunAsync("ExtractWebsiteContentBlock", Reading("http://x.example/"), Answering(500, Repeated(500))));

        Assert.EndsWith($" answered 500: {Repeated(500)}", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_a_file_is_cut_to_a_whole_character()
    {
        var address = $"http://x.example/a{Repeated(300)}";

        var outputs = await BlockResults.RunAsync("AgentFileInputBlock", Object(("name", "f"), ("value", address)), Answering(200, "content"));

        Assert.Equal([$"result={JsonValues.Compact(JsonValues.From("a" + Repeated(199)))}"], outputs);
    }

    [Fact]
    public async Task The_limit_of_a_text_of_items_counts_code_points()
    {
        Assert.Equal(2, (await BlockResults.RunAsync("StepThroughItemsBlock", Object(("items_str", $"[\"{Repeated(1_048_572)}\"]")))).Count);
        Assert.Equal(
            ["!Execution: Input too large: 1048577 > 1048576 characters"],
            await BlockResults.RunAsync("StepThroughItemsBlock", Object(("items_str", $"[\"{Repeated(1_048_573)}\"]"))));
    }

    private static string Repeated(int count) => string.Concat(Enumerable.Repeat(Grin, count));

    private static JsonElement Object(params (string Name, string Value)[] members) => JsonValues.Object(members.Select(m => KeyValuePair.Create(m.Name, JsonValues.From(m.Value))));

    private static JsonElement Reading(string url) =>
        JsonValues.Parse($$"""{"url": "{{url}}", "raw_content": true, "credentials": {"id": "c", "provider": "jina", "type": "api_key"} }""");

    private static TestRun Answering(int status, string body) =>
        new(JsonValues.Parse($$"""{"http": [{"status": {{status}}, "body": "{{body}}"}]}"""));
}
