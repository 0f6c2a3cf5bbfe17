using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;
using Grainflow.Silo.Scenarios;

namespace Grainflow.Silo.Tests;

public sealed class ScriptedServicesTests
{
    [Fact]
    public async Task The_first_rule_that_fits_answers()
    {
        using var models = new ScriptedModels([Rule(["a", "b"], ["c"], "first"), Rule(["a"], [], "second")]);
        Assert.Equal("first", await AskAsync(models, "a and b"));
        Assert.Equal("second", await AskAsync(models, "a, b and c"));
        await Assert.ThrowsAsync<ChatModelException>(() => AskAsync(models, "nothing"));
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("ollama")]
    [InlineData("open_router")]
    public async Task Every_provider_is_answered_in_its_form(string provider)
    {
        using var models = new ScriptedModels([Rule(["hello"], [], "world")]);
        Assert.Equal("world", await AskAsync(models, "hello", provider));
    }

    [Fact]
    public async Task The_tag_of_the_request_stands_in_the_reply()
    {
        using var models = new ScriptedModels([Rule([], [], "<json_output id=\"{{TAG}}\">")]);
        Assert.Equal("<json_output id=\"12ab\">", await AskAsync(models, "use <json_output id=\"12ab\"> please"));
    }

    [Fact]
    public async Task A_reply_to_a_request_is_given_once()
    {
        var http = new ScriptedHttp([Http("https://a.test/x%20y", "one"), Http("https://a.test/x%20y", "two")]);
        Assert.Equal("one", await GetAsync(http, "https://a.test/x y"));
        Assert.Equal("two", await GetAsync(http, "https://a.test/x%20y"));
        var refused = await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, "https://a.test/x%20y"));
        Assert.Contains("no reply left to GET https://a.test/x%20y", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_double_without_a_built_block_takes_any_pin_and_is_told_apart()
    {
        var call = ExternalCall.Read(JsonValues.Parse("""{"node_id": "n", "input": {"q": 1}, "outputs": [["r", 2]]}"""), "[0]");
        var blocks = new ScenarioBlocks(new BlockCatalogue(), [call], _ => "00000000-0000-0000-0000-000000000001");
        Assert.True(blocks.Find("00000000-0000-0000-0000-000000000001")!.AcceptsAnyPin);
        Assert.True(blocks.IsOnlyDoubled("00000000-0000-0000-0000-000000000001"));
        Assert.False(blocks.IsOnlyDoubled("b1ab9b19-67a6-406d-abf5-2dba76d00c79"));
    }

    private static ModelRule Rule(string[] contains, string[] not, string reply) => new([.. contains], [.. not], JsonValues.From(reply));

    private static ExternalCall Http(string url, string body) => ExternalCall.Read(
        JsonValues.Parse($$$"""{"http_request": {"url": "{{{url}}}"}, "http_response": {"body": {{{JsonSerializer.Serialize(body)}}} } }"""), "[0]");

    // Through the client of the provider, as blocks ask.
    private static async Task<string> AskAsync(ScriptedModels models, string prompt, string provider = "openai")
    {
        var request = new ChatRequest { Model = "m", Messages = [new ChatMessage("user", prompt)], Credential = new Credential("i", provider, "api_key", "s-1") };
        return (await new ChatModels(new ChatModelOptions(), models, models).CompleteAsync(request, CancellationToken.None)).Text;
    }

    private static async Task<string> GetAsync(ScriptedHttp http, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return System.Text.Encoding.UTF8.GetString((await http.SendAsync(request, CancellationToken.None)).Body.Span);
    }
}
