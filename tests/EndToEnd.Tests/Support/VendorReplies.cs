using System.Text.Json.Nodes;
using System.Web;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>
/// Puts replies of vendors in the place of outputs of blocks: the recorded runs of the contract double whole blocks, and the blocks themselves run here, with their vendor as the double. The
/// replies have the documented forms of the vendors.
/// </summary>
internal static class VendorReplies
{
    /// <summary>The cases of a file, with doubles at the HTTP edge alone.</summary>
    /// <param name="cases">The file, a list of cases.</param>
    public static JsonArray InPlaceOfBlocks(JsonArray cases)
    {
        var changed = cases.DeepClone().AsArray();
        foreach (var item in changed)
        {
            if (item!["external_calls"] is not JsonArray calls) continue;
            item["external_calls"] = new JsonArray([.. calls.SelectMany(call => call!["http_request"] is null ? Replies(call.AsObject()) : [call.DeepClone()])]);
        }

        return changed;
    }

    private static IEnumerable<JsonNode> Replies(JsonObject call)
    {
        var outputs = call["outputs"]!.AsArray().Select(output => (Pin: output![0]!.GetValue<string>(), Value: output[1])).ToList();
        return call["block"]!.GetValue<string>() switch
        {
            "IdeogramModelBlock" => [Reply("POST", "https://api.ideogram.ai/v1/ideogram-v3/generate", new JsonObject { ["data"] = new JsonArray(new JsonObject { ["url"] = Of("result")!.DeepClone() }) })],
            "GoogleMapsSearchBlock" => [Reply("POST", "https://places.googleapis.com/v1/places:searchText", new JsonObject { ["places"] = new JsonArray([.. outputs.Select(output => Place(output.Value!))]) })],
            "TranscribeYoutubeVideoBlock" => Captions(Of("video_id")!.GetValue<string>(), Of("transcript")!.GetValue<string>()),
            "ExecuteCodeBlock" =>
            [
                Reply("POST", "https://api.e2b.app/sandboxes", new JsonObject { ["sandboxID"] = "s1", ["domain"] = "e2b.app", ["envdAccessToken"] = "t" }),
                Reply("POST", "https://49999-s1.e2b.app/execute", new JsonObject { ["type"] = "stdout", ["text"] = Of("stdout_logs")!.DeepClone() }.ToJsonString() + "\n"),
                Reply("DELETE", "https://api.e2b.app/sandboxes/s1", "", status: 204),
            ],
            "GmailSendBlock" => [Reply("POST", "https://gmail.googleapis.com/gmail/v1/users/me/messages/send", new JsonObject { ["id"] = Of("result")!["id"]!.DeepClone(), ["threadId"] = "t" })],
            "PublishToMediumBlock" =>
            [
                Reply("GET", "https://api.medium.com/v1/me", new JsonObject { ["data"] = new JsonObject { ["id"] = "u1" } }),
                Reply("POST", "https://api.medium.com/v1/users/u1/posts", new JsonObject
                {
                    ["data"] = new JsonObject { ["id"] = Of("post_id")!.DeepClone(), ["url"] = Of("post_url")!.DeepClone(), ["publishedAt"] = Of("published_at")!.DeepClone() },
                }),
            ],
            var block => throw new InvalidOperationException($"{block} has no replies here."),
        };

        JsonNode? Of(string pin) => outputs.Single(output => output.Pin == pin).Value;
    }

    private static JsonObject Place(JsonNode place) => new()
    {
        ["displayName"] = new JsonObject { ["text"] = place["name"]!.DeepClone() },
        ["formattedAddress"] = place["address"]!.DeepClone(),
        ["nationalPhoneNumber"] = place["phone"]!.DeepClone(),
        ["websiteUri"] = place["website"]!.DeepClone(),
        ["rating"] = place["rating"]!.DeepClone(),
        ["userRatingCount"] = place["reviews"]!.DeepClone(),
    };

    private static IEnumerable<JsonNode> Captions(string video, string text) =>
    [
        Reply("GET", "https://www.youtube.com/watch?v=" + video, """<script>{"INNERTUBE_API_KEY":"key"}</script>"""),
        Reply("POST", "https://www.youtube.com/youtubei/v1/player?key=key", new JsonObject
        {
            ["playabilityStatus"] = new JsonObject { ["status"] = "OK" },
            ["captions"] = new JsonObject
            {
                ["playerCaptionsTracklistRenderer"] = new JsonObject
                {
                    ["captionTracks"] = new JsonArray(new JsonObject { ["baseUrl"] = "https://www.youtube.com/api/timedtext?v=" + video, ["languageCode"] = "en" }),
                },
            },
        }),
        Reply("GET", "https://www.youtube.com/api/timedtext?v=" + video, $"<transcript><text start=\"0\" dur=\"1\">{HttpUtility.HtmlEncode(text)}</text></transcript>"),
    ];

    private static JsonObject Reply(string method, string url, JsonNode body, int status = 200) => new()
    {
        ["http_request"] = new JsonObject { ["method"] = method, ["url"] = url },
        ["http_response"] = new JsonObject { ["status"] = status, ["headers"] = new JsonObject(), ["body"] = body },
    };
}
