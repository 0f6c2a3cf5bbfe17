using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class RevidTests
{
    [Fact]
    public async Task A_video_is_ordered_and_waited_for()
    {
        var run = VendorRun.Of("""{"success": 1, "pid": "v1"}""", """{"status": "building"}""", """{"status": "ready", "videoUrl": "https://v.test/1.mp4"}""");

        Assert.Equal(["video_url=\"https://v.test/1.mp4\""], await run.RunAsync("AIShortformVideoCreatorBlock", """{"script": "[a cat] Meow", "generation_preset": "Sketch B&W", "background_music": "I Don't Think So", "voice": "Eva", "video_style": "aiVideo"}"""));
        Assert.Equal("GET https://www.revid.ai/api/public/v2/status?pid=v1", run.Sent()[1]);
        Assert.Equal([10], run.Clock.Slept.Select(pause => pause.TotalSeconds));
        Assert.Equal("k-secret", run.Http.Requests[0].Headers["key"]);
        var order = JsonValues.Parse(run.Http.Requests[0].Body).GetProperty("creationParams");
        Assert.Equal(
            ("SKETCH_BW", "https://cdn.tfrv.xyz/audio/i-dont-think-so.mp3", "FGY2WhTYpPnrIDTdsKH5", true),
            (order.GetProperty("generationPreset").GetString(), order.GetProperty("audioUrl").GetString(), order.GetProperty("selectedVoice").GetString(), order.GetProperty("hasToGenerateVideos").GetBoolean()));
    }

    [Fact]
    public async Task A_repeated_attempt_waits_for_the_video_of_the_attempt_before()
    {
        var run = VendorRun.Of("""{"pid": "v1"}""", """{"status": 500}""", """{"status": "ready", "videoUrl": "https://v.test/1.mp4"}""");
        await run.RunAsync("AIShortformVideoCreatorBlock", """{"script": "s"}""");
        Assert.Equal(["video_url=\"https://v.test/1.mp4\""], await run.RunAsync("AIShortformVideoCreatorBlock", """{"script": "s"}"""));
        Assert.Single(run.Http.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData("""{"status": "error", "error": "no credits"}""", "Video creation failed: no credits")]
    [InlineData("""{"status": "FAILED", "message": "bad script"}""", "Video creation failed: bad script")]
    [InlineData("""{"status": "building"}""", "The job of Revid did not end within 1000 seconds")]
    public async Task A_video_that_fails_or_never_ends_fails_the_block(string state, string message) =>
        Assert.Equal([$"!Execution: {message}"], await VendorRun.Of(["""{"pid": "v1"}""", .. Enumerable.Repeat(state, 200)]).RunAsync("AIShortformVideoCreatorBlock", """{"script": "s"}"""));

    [Fact]
    public async Task An_order_without_an_id_is_a_refusal() =>
        Assert.Equal(["!Execution: Failed to create video: No project ID returned: not enough credits"], await VendorRun.Of("""{"success": 0, "error": "not enough credits"}""").RunAsync("AIShortformVideoCreatorBlock", """{"script": "s"}"""));
}
