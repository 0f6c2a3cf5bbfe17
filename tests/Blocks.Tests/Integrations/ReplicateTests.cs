using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class ReplicateTests
{
    private const string Api = "https://api.replicate.com/v1";

    private const string Ordered = """{"id": "p1", "status": "starting"}""";

    [Fact]
    public async Task A_model_is_run_and_waited_for()
    {
        var run = VendorRun.Of(Ordered, """{"id": "p1", "status": "processing"}""", """{"id": "p1", "status": "succeeded", "output": ["Hello", " you"]}""");

        Assert.Equal(
            ["result=\"Hello you\"", "status=\"succeeded\"", "model_name=\"meta/llama\""],
            await run.RunAsync("ReplicateModelBlock", """{"model_name": "meta/llama", "model_inputs": {"prompt": "Hi", "n": 2}}"""));
        Assert.Equal([$$$"""POST {{{Api}}}/models/meta/llama/predictions {"input":{"prompt":"Hi","n":2}}""", $"GET {Api}/predictions/p1", $"GET {Api}/predictions/p1"], run.Sent());
        Assert.Equal([1], run.Clock.Slept.Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public async Task A_version_of_a_model_has_a_path_of_its_own()
    {
        var run = VendorRun.Of(Ordered, """{"status": "succeeded", "output": {"a": true}}""");
        Assert.Equal("result=\"{'a': True}\"", (await run.RunAsync("ReplicateModelBlock", """{"model_name": "o/n", "version": "v1"}"""))[0]);
        Assert.Equal($$$"""POST {{{Api}}}/predictions {"version":"v1","input":{}}""", run.Sent()[0]);
    }

    [Fact]
    public async Task A_repeated_attempt_waits_for_the_prediction_of_the_attempt_before()
    {
        var run = VendorRun.Of(Ordered, """{"status": 500}""", """{"status": "succeeded", "output": "https://r.test/a.png"}""");

        Assert.StartsWith("!Execution: Replicate answered 500", Assert.Single(await run.RunAsync("AIImageGeneratorBlock", """{"prompt": "a cat"}""")), StringComparison.Ordinal);
        Assert.Equal(["image_url=\"https://r.test/a.png\""], await run.RunAsync("AIImageGeneratorBlock", """{"prompt": "a cat"}"""));
        Assert.Single(run.Http.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData("""{"status": "failed", "error": "NSFW content"}""", "The prediction of Replicate failed: NSFW content")]
    [InlineData("""{"status": "canceled"}""", "The prediction of Replicate canceled: no reason given")]
    [InlineData("""{"status": "succeeded", "output": null}""", "The model gave no output")]
    [InlineData("""{"status": "succeeded", "output": []}""", "The model gave no output")]
    [InlineData("""{"status": "processing"}""", "The job of Replicate did not end within 1800 seconds")]
    public async Task A_prediction_that_fails_or_never_ends_fails_the_block(string state, string message) =>
        Assert.Equal([$"!Execution: {message}"], await VendorRun.Of([Ordered, .. Enumerable.Repeat(state, 2000)]).RunAsync("AIImageEditorBlock", """{"prompt": "a cat"}"""));

    [Theory]
    [InlineData("Flux 1.1 Pro", "wide", "any", "black-forest-labs/flux-1.1-pro", """{"prompt":"a cat","width":1440,"height":810,"aspect_ratio":"16:9","output_format":"jpg","output_quality":90}""")]
    [InlineData("Recraft v3", "tall", "realistic_image/hdr", "recraft-ai/recraft-v3", """{"prompt":"a cat","size":"1024x1536","style":"realistic_image/hdr"}""")]
    [InlineData("Stable Diffusion 3.5 Medium", "portrait", "digital_illustration/pixel_art", "stability-ai/stable-diffusion-3.5-medium", """{"prompt":"pixel art digital illustration of a cat","aspect_ratio":"3:4","output_format":"webp","output_quality":90,"steps":40,"cfg_scale":7.0}""")]
    [InlineData("Nano Banana Pro", "square", "realistic_image", "google/nano-banana-pro", """{"prompt":"realistic photo of a cat","aspect_ratio":"1:1","resolution":"2K","output_format":"jpg","safety_filter_level":"block_only_high"}""")]
    public async Task Each_model_is_asked_in_its_own_words(string model, string size, string style, string path, string settings)
    {
        var run = VendorRun.Of(Ordered, """{"status": "succeeded", "output": ["https://r.test/a.png", "https://r.test/b.png"]}""");

        Assert.Equal(["image_url=\"https://r.test/a.png\""], await run.RunAsync("AIImageGeneratorBlock", $$"""{"prompt": "a cat", "model": "{{model}}", "size": "{{size}}", "style": "{{style}}"}"""));
        Assert.Equal($$"""POST {{Api}}/models/{{path}}/predictions {"input":{{settings}}}""", run.Sent()[0]);
    }

    [Fact]
    public async Task A_seed_that_is_not_given_is_the_same_in_all_attempts()
    {
        string[] script = [Ordered, """{"status": "succeeded", "output": "https://r.test/a.webp"}"""];
        var (first, second) = (VendorRun.Of(script), VendorRun.Of(script));
        await first.RunAsync("ReplicateFluxAdvancedModelBlock", """{"prompt": "a cat"}""");
        await second.RunAsync("ReplicateFluxAdvancedModelBlock", """{"prompt": "a cat"}""");

        Assert.Equal(first.Sent(), second.Sent());
        Assert.InRange(JsonValues.Parse(first.Http.Requests[0].Body).GetProperty("input").GetProperty("seed").GetInt64(), 0, uint.MaxValue);
    }

    [Fact]
    public async Task An_image_to_change_is_sent_with_the_order()
    {
        var run = VendorRun.Of(Ordered, """{"status": "succeeded", "output": "https://r.test/a.png"}""");

        Assert.Equal(
            ["output_image=\"https://r.test/a.png\""],
            await run.RunAsync("AIImageEditorBlock", """{"prompt": "a hat", "input_image": "data:image/png;base64,MQ==", "model": "Flux Kontext Max", "seed": 7}"""));
        Assert.Equal($$$"""POST {{{Api}}}/models/black-forest-labs/flux-kontext-max/predictions {"input":{"prompt":"a hat","input_image":"data:image/png;base64,MQ==","aspect_ratio":"match_input_image","seed":7}}""", run.Sent()[0]);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("a/b/c")]
    [InlineData("/b")]
    public async Task A_name_that_is_none_is_refused_before_anything_is_sent(string name) =>
        Assert.Equal([$"!Execution: '{name}' is no name of a model; write owner/name"], await VendorRun.Of().RunAsync("ReplicateModelBlock", $$"""{"model_name": "{{name}}"}"""));
}
