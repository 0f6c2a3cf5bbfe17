using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>The contract's vectors say for three services what the service under the block answers. This says it in the HTTP replies of the vendor.</summary>
internal static class VendorDoubles
{
    /// <summary>The replies in the order of the requests; none when the script has no such service.</summary>
    public static IEnumerable<JsonElement> Of(JsonElement script)
    {
        if (script.Member("transcript") is { } lines) return TranscriptOf(lines);
        if (script.Member("sandbox") is { } sandbox) return SandboxOf(sandbox);
        return script.Member("places") is { } places ? [Reply(Json(new { places = places.EnumerateArray().Select(PlaceOf) }))] : [];
    }

    private static IEnumerable<JsonElement> TranscriptOf(JsonElement lines)
    {
        yield return Reply(JsonValues.From("""<html><script>{"INNERTUBE_API_KEY":"key-1"}</script></html>"""));
        yield return Reply(Json(new
        {
            playabilityStatus = new { status = "OK" },
            captions = new { playerCaptionsTracklistRenderer = new { captionTracks = new[] { new { baseUrl = "https://www.youtube.com/api/timedtext?v=x&fmt=srv3", languageCode = "en" } } } },
        }));
        yield return Reply(JsonValues.From($"<transcript>{string.Concat(lines.EnumerateArray().Select(line => $"<text start=\"0\" dur=\"1\">{line.GetProperty("text").GetString()}</text>"))}</transcript>"));
    }

    private static IEnumerable<JsonElement> SandboxOf(JsonElement sandbox)
    {
        var messages = new List<JsonElement>(sandbox.Member("results") is { } results ? results.EnumerateArray() : []);
        // The vendor has no text beside his results: it is that of the main one.
        if (sandbox.Member("text")?.GetString() is { Length: > 0 } text) messages.Add(Json(new { type = "result", text, is_main_result = true }));
        foreach (var stream in (string[])["stdout", "stderr"])
            if (sandbox.Member(stream)?.GetString() is { Length: > 0 } written) messages.Add(Json(new { type = stream, text = written }));
        if (sandbox.Member("error")?.GetString()!.Split(": ", 2) is [var name, var value]) messages.Add(Json(new { type = "error", name, value }));

        yield return Reply(Json(new { sandboxID = sandbox.Member("sandbox_id")?.GetString() ?? "sbx-1", envdAccessToken = "token-1" }));
        yield return Reply(JsonValues.From(string.Join('\n', messages.Select(JsonValues.Compact))));
        yield return Json(new { status = 204 });
    }

    private static object PlaceOf(JsonElement place) => new
    {
        displayName = new { text = place.GetProperty("name").GetString() },
        formattedAddress = place.GetProperty("address").GetString(),
        nationalPhoneNumber = place.GetProperty("phone").GetString(),
        rating = place.GetProperty("rating").GetDouble(),
        userRatingCount = place.GetProperty("reviews").GetInt64(),
        websiteUri = place.GetProperty("website").GetString(),
    };

    private static JsonElement Reply(JsonElement body) => Json(new { status = 200, body });

    private static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);
}
