namespace Grainflow.Blocks.Tests.Integrations;

public sealed class IdeogramTests
{
    private const string Image = """{"data": [{"url": "https://i.test/a.png"}]}""";

    [Fact]
    public async Task The_third_version_takes_a_form()
    {
        var run = VendorRun.Of(Image);

        Assert.Equal(["result=\"https://i.test/a.png\""], await run.RunAsync("IdeogramModelBlock", """{"prompt": "a cat", "aspect_ratio": "ASPECT_16_9", "seed": 5}"""));
        var sent = Assert.Single(run.Http.Requests);
        Assert.Equal(("https://api.ideogram.ai/v1/ideogram-v3/generate", "multipart/form-data", "k-secret"), (sent.Url, sent.ContentType, sent.Headers["Api-Key"]));
        Assert.Equal(["a cat", "16x9", "AUTO", "AUTO", "5"], ValuesOf(sent.Body));
    }

    [Theory]
    [InlineData("V_2", """{"image_request":{"prompt":"a cat","model":"V_2","aspect_ratio":"ASPECT_1_1","magic_prompt_option":"AUTO","style_type":"AUTO","color_palette":{"members":[{"color_hex":"#000030"}]}}}""")]
    [InlineData("V_1_TURBO", """{"image_request":{"prompt":"a cat","model":"V_1_TURBO","aspect_ratio":"ASPECT_1_1","magic_prompt_option":"AUTO"}}""")]
    public async Task Older_versions_take_what_they_know(string model, string body)
    {
        var run = VendorRun.Of(Image);
        await run.RunAsync("IdeogramModelBlock", $$"""{"prompt": "a cat", "ideogram_model_name": "{{model}}", "custom_color_palette": ["#000030"]}""");
        Assert.Equal([$"POST https://api.ideogram.ai/generate {body}"], run.Sent());
    }

    [Fact]
    public async Task An_image_is_enlarged_when_that_is_asked_for()
    {
        var run = VendorRun.Of(Image, """{"status": 200, "headers": {"content-type": "image/png"}, "body": "PNG"}""", """{"data": [{"url": "https://i.test/large.png"}]}""");

        Assert.Equal(["result=\"https://i.test/large.png\""], await run.RunAsync("IdeogramModelBlock", """{"prompt": "a cat", "upscale": "AI Upscale"}"""));
        Assert.Equal("GET https://i.test/a.png", run.Sent()[1]);
        Assert.DoesNotContain("Api-Key", run.Http.Requests[1].Headers.Keys);
        Assert.Equal("https://api.ideogram.ai/upscale", run.Http.Requests[2].Url);
        Assert.Contains("PNG", run.Http.Requests[2].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data": []}""", "The answer of Ideogram cannot be read: it has no image")]
    [InlineData("""{"data": [{"is_image_safe": false, "url": null}]}""", "Ideogram made no image: it was found unsafe")]
    [InlineData("""{"status": 422, "body": {"error": "bad prompt"}}""", "Ideogram answered 422: bad prompt")]
    public async Task No_image_says_why(string answer, string message) => Assert.Equal([$"!Execution: {message}"], await VendorRun.Of(answer).RunAsync("IdeogramModelBlock", """{"prompt": "a cat"}"""));

    private static IEnumerable<string> ValuesOf(string form) =>
        form.ReplaceLineEndings("\n").Split("--").Select(part => part.Split("\n\n", 2)).Where(part => part.Length == 2).Select(part => part[1].Trim());
}
