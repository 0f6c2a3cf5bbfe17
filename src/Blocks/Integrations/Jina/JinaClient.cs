using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Integrations.Jina;

/// <summary>The services of Jina.</summary>
/// <param name="context">The node execution.</param>
internal sealed class JinaClient(BlockContext context)
{
    private static readonly Vendor SearchService = Service("https://s.jina.ai", "s");

    private static readonly Vendor ReaderService = Service("https://r.jina.ai", "r");

    private static readonly Vendor GroundingService = Service("https://g.jina.ai", "g");

    private static readonly Vendor SegmentService = Service("https://segment.jina.ai", "segment");

    private static readonly Vendor Api = Service("https://api.jina.ai", "api");

    /// <summary>The texts of the pages that a search finds.</summary>
    /// <param name="query">What to look for.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The search failed.</exception>
    public Task<string> SearchAsync(string query, CancellationToken cancellationToken) => TextAsync(SearchService, PathOf(query), "Search failed", cancellationToken);

    /// <summary>A web page as text.</summary>
    /// <param name="url">The address of the page.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The page cannot be read.</exception>
    public Task<string> ReadAsync(string url, CancellationToken cancellationToken) => TextAsync(ReaderService, url, "Failed to fetch content", cancellationToken);

    /// <summary>What the web says of a statement: the member <c>data</c> of the answer.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The check failed.</exception>
    public async Task<JsonElement> CheckAsync(string statement, CancellationToken cancellationToken)
    {
        var client = new ApiClient(GroundingService, context);
        var request = new ApiRequest(HttpMethod.Get, "/" + PathOf(statement)) { Headers = [KeyValuePair.Create("Accept", "application/json")] };
        return client.Need(await client.SendAsync(request, cancellationToken), "data");
    }

    /// <summary>The vectors of texts, in their order.</summary>
    /// <param name="texts">The texts, a list.</param>
    /// <param name="model">The name of the model.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed, or the answer has no vectors.</exception>
    public async Task<IReadOnlyList<JsonElement>> EmbedAsync(JsonElement texts, string model, CancellationToken cancellationToken)
    {
        var client = new ApiClient(Api, context);
        var answer = await client.PostAsync("/v1/embeddings", new { input = texts, model }, cancellationToken);
        return [.. client.NeedItems(answer, "data").Select(item => client.Need(item, "embedding"))];
    }

    /// <summary>A text in pieces: the answer with the lists <c>chunks</c> and, when asked for, <c>tokens</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most characters of a piece.</param>
    /// <param name="withTokens">Whether the tokens are wanted.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<(IReadOnlyList<JsonElement> Chunks, IReadOnlyList<JsonElement> Tokens)> SplitAsync(JsonElement text, string longest, bool withTokens, CancellationToken cancellationToken)
    {
        var client = new ApiClient(SegmentService, context);
        // The service takes texts for all members (contract: block-tiers, Jina Chunking).
        var answer = await client.PostAsync(
            "/", new { content = text, return_tokens = withTokens ? "true" : "false", return_chunks = "true", max_chunk_length = longest }, cancellationToken);
        return ([.. answer.Items("chunks")], withTokens ? client.NeedItems(answer, "tokens") : []);
    }

    private static Vendor Service(string origin, string host) => new("jina", "Jina", origin) { Host = host };

    private static string PathOf(string text) => Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal);

    private async Task<string> TextAsync(Vendor service, string path, string failure, CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Get, "/" + path)
        {
            Content = () =>
            {
                var empty = new ByteArrayContent([]);
                empty.Headers.TryAddWithoutValidation("Content-Type", "application/json");
                return empty;
            },
        };
        try
        {
            return (await new ApiClient(service, context).ReplyAsync(request, cancellationToken)).Text();
        }
        catch (BlockException e)
        {
            throw new BlockException($"{failure}: {e.Message}", e);
        }
    }
}
