using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.Revid;

/// <summary>Makes videos with Revid.</summary>
/// <param name="context">The node execution.</param>
internal sealed class RevidClient(BlockContext context)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1000);

    private static readonly Vendor Vendor = new("revid", "Revid", "https://www.revid.ai") { Authorization = Vendor.KeyIn("key") };

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>Makes a video, and returns its address. A repeated attempt waits for the video of the attempt before.</summary>
    /// <typeparam name="T">The type of the order.</typeparam>
    /// <param name="order">What is asked for.</param>
    /// <param name="cancellationToken">Cancels the requests; the video is made all the same.</param>
    /// <exception cref="BlockException">A request or the making failed, or it took too long.</exception>
    public async Task<string> RenderAsync<T>(T order, CancellationToken cancellationToken)
    {
        var job = new ApiJob(_client, "Revid");
        var id = await job.OrderAsync(async () => await OrderAsync(order, cancellationToken), cancellationToken);
        var made = await job.WaitAsync(() => AskAsync(id, cancellationToken), Pause, Limit, cancellationToken);
        return _client.NeedText(made, "videoUrl");
    }

    private async Task<string> OrderAsync<T>(T order, CancellationToken cancellationToken)
    {
        var answer = await _client.PostAsync("/api/public/v2/render", order, cancellationToken);
        return answer.Text("pid") ?? throw new BlockException($"Failed to create video: No project ID returned: {ApiAnswers.ReasonOf(answer, "")}");
    }

    private async Task<JsonElement?> AskAsync(string id, CancellationToken cancellationToken)
    {
        var state = await _client.GetAsync("/api/public/v2/status" + ApiRequest.Query(("pid", id)), cancellationToken);
        return _client.NeedText(state, "status") switch
        {
            "ready" when state.Text("videoUrl") is not null => state,
            "error" or "FAILED" or "CANCELED" => throw new BlockException($"Video creation failed: {ApiAnswers.ReasonOf(state, "")}"),
            _ => null,
        };
    }
}
