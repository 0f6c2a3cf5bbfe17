using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Replicate;

/// <summary>Runs models at Replicate.</summary>
/// <param name="context">The node execution.</param>
internal sealed class ReplicateClient(BlockContext context)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // As long as any other block has.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    private static readonly Vendor Vendor = new("replicate", "Replicate", "https://api.replicate.com");

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>What a model makes of an input, as the vendor has it. A repeated attempt waits for the prediction of the attempt before.</summary>
    /// <param name="model">The model as <c>owner/name</c> or <c>owner/name:version</c>.</param>
    /// <param name="input">The input.</param>
    /// <param name="cancellationToken">Cancels the requests; the prediction goes on at the vendor then.</param>
    /// <exception cref="BlockException">The name is none, a request failed, or the prediction did.</exception>
    public async Task<JsonElement> RunAsync(string model, JsonElement input, CancellationToken cancellationToken)
    {
        var job = new ApiJob(_client, "Replicate");
        var id = await job.OrderAsync(async () => _client.NeedText(await OrderAsync(model, input, cancellationToken), "id"), cancellationToken);
        return await job.WaitAsync(() => AskAsync(id, cancellationToken), Pause, Limit, cancellationToken);
    }

    /// <summary>The output of a model as one text: the address of the first file, or all pieces of a text.</summary>
    /// <param name="output">The output as the vendor has it.</param>
    /// <exception cref="BlockException">There is none.</exception>
    public static string TextOf(JsonElement output)
    {
        if (output.ValueKind != JsonValueKind.Array) return output.IsNull() ? throw new BlockException("The model gave no output") : PythonText.Str(output);
        if (output.GetArrayLength() == 0) throw new BlockException("The model gave no output");
        if (output[0].ValueKind != JsonValueKind.String || IsFile(output[0].GetString()!)) return PythonText.Str(output[0]);
        return string.Concat(output.EnumerateArray().Select(PythonText.Str));
    }

    private static bool IsFile(string text) => text.StartsWith("https://", StringComparison.Ordinal) || text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("data:", StringComparison.Ordinal);

    private Task<JsonElement> OrderAsync(string model, JsonElement input, CancellationToken cancellationToken)
    {
        var parts = model.Split(':', 2);
        if (parts[0].Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } name]) throw new BlockException($"'{model}' is no name of a model; write owner/name");
        return parts is [_, { Length: > 0 } version]
            ? _client.PostAsync("/v1/predictions", new { version, input }, cancellationToken)
            : _client.PostAsync($"/v1/models/{ApiRequest.Segment(owner, "model_name")}/{ApiRequest.Segment(name, "model_name")}/predictions", new { input }, cancellationToken);
    }

    private async Task<JsonElement?> AskAsync(string id, CancellationToken cancellationToken)
    {
        var prediction = await _client.GetAsync("/v1/predictions/" + Uri.EscapeDataString(id), cancellationToken);
        return _client.NeedText(prediction, "status") switch
        {
            "succeeded" => prediction.Member("output") ?? JsonValues.Null,
            "failed" or "canceled" or "aborted" => throw new BlockException($"The prediction of Replicate {prediction.Text("status")}: {ApiAnswers.ReasonOf(prediction.Member("error") ?? default, "")}"),
            _ => null,
        };
    }
}
