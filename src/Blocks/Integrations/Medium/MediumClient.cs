using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Medium;

/// <summary>The stories of Medium.</summary>
/// <param name="context">The node execution.</param>
internal sealed class MediumClient(BlockContext context)
{
    private static readonly Vendor Vendor = new("medium", "Medium", "https://api.medium.com");

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>The id of the user who gave the token.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<string> UserIdAsync(CancellationToken cancellationToken) =>
        _client.NeedText(_client.Need(await _client.GetAsync("/v1/me", cancellationToken), "data"), "id");

    /// <summary>
    /// Publishes a story, and returns it as the vendor has it. The vendor takes no key by which he would recognise a second request: an attempt that is repeated after a crash may
    /// publish again.
    /// </summary>
    /// <typeparam name="T">The type of the story.</typeparam>
    /// <param name="authorId">The id of the author.</param>
    /// <param name="story">The story.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<JsonElement> PublishAsync<T>(string authorId, T story, CancellationToken cancellationToken)
    {
        var answer = await _client.PostAsync($"/v1/users/{ApiRequest.Segment(authorId, "author_id")}/posts", story, cancellationToken);
        return answer.Member("data") ?? throw new BlockException($"Failed to create Medium post: {ApiAnswers.ReasonOf(answer, "")}");
    }

    /// <summary>The text of that member of an answer.</summary>
    /// <inheritdoc cref="ApiClient.NeedText"/>
    public string NeedText(JsonElement answer, string name) => _client.NeedText(answer, name);
}
