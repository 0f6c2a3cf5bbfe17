using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Firecrawl;

/// <summary>The service of Firecrawl, which reads web sites.</summary>
/// <param name="context">The node execution.</param>
internal sealed class FirecrawlClient(BlockContext context)
{
    private const int MostPages = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // As long as any other block has.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    private static readonly Vendor Vendor = new("firecrawl", "Firecrawl", "https://api.firecrawl.dev");

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>A page in the forms asked for.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<JsonElement> ScrapeAsync(string url, ScrapeOptions options, CancellationToken cancellationToken)
    {
        var body = options.Members();
        body["url"] = url;
        return ScrapedPage.Of(_client.Need(await PostAsync("scrape", body, cancellationToken), "data"));
    }

    /// <summary>The pages of a site in the forms asked for.</summary>
    /// <param name="url">The address to begin with.</param>
    /// <param name="limit">The most pages.</param>
    /// <param name="options">How they are read.</param>
    /// <param name="cancellationToken">Cancels the requests; the crawl goes on at the vendor then.</param>
    /// <exception cref="BlockException">A request or the crawl failed.</exception>
    public async Task<IReadOnlyList<JsonElement>> CrawlAsync(string url, long limit, ScrapeOptions options, CancellationToken cancellationToken)
    {
        var body = new Dictionary<string, object>(StringComparer.Ordinal) { ["url"] = url, ["limit"] = limit, ["scrapeOptions"] = options.Members() };
        var done = await RunAsync("crawl", body, cancellationToken);
        var pages = new List<JsonElement>(done.Items("data").Select(ScrapedPage.Of));
        // A long answer comes in parts. The address of the next is the vendor's own, so that only its path counts.
        for (var part = 0; part < MostPages && Uri.TryCreate(done.Text("next"), UriKind.Absolute, out var next); part++)
        {
            done = await _client.GetAsync(next.PathAndQuery, cancellationToken);
            pages.AddRange(done.Items("data").Select(ScrapedPage.Of));
        }

        return pages;
    }

    /// <summary>The links of a site, each with its address and, where known, title and description.</summary>
    /// <param name="url">The address of the site.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<IReadOnlyList<JsonElement>> MapAsync(string url, CancellationToken cancellationToken) =>
        _client.NeedItems(await PostAsync("map", new Dictionary<string, object>(StringComparer.Ordinal) { ["url"] = url }, cancellationToken), "links");

    /// <summary>What a search of the web finds: lists by kind, of which <c>web</c> has the pages.</summary>
    /// <param name="query">What to look for.</param>
    /// <param name="limit">The most results.</param>
    /// <param name="options">How the pages found are read.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<JsonElement> SearchAsync(string query, long limit, ScrapeOptions options, CancellationToken cancellationToken) =>
        _client.Need(await PostAsync("search", new Dictionary<string, object>(StringComparer.Ordinal) { ["query"] = query, ["limit"] = limit, ["scrapeOptions"] = options.Members() }, cancellationToken), "data");

    /// <summary>What is asked for of pages, as an object.</summary>
    /// <param name="body">The request.</param>
    /// <param name="cancellationToken">Cancels the requests; the work goes on at the vendor then.</param>
    /// <exception cref="BlockException">A request or the work failed.</exception>
    public async Task<JsonElement> ExtractAsync(Dictionary<string, object> body, CancellationToken cancellationToken) =>
        _client.Need(await RunAsync("extract", body, cancellationToken), "data");

    private async Task<JsonElement> RunAsync(string kind, Dictionary<string, object> body, CancellationToken cancellationToken)
    {
        var job = new ApiJob(_client, "Firecrawl");
        var id = await job.OrderAsync(async () => _client.NeedText(await PostAsync(kind, body, cancellationToken), "id"), cancellationToken);
        return await job.WaitAsync(() => AskAsync(kind, id, cancellationToken), Pause, Limit, cancellationToken);
    }

    private async Task<JsonElement?> AskAsync(string kind, string id, CancellationToken cancellationToken)
    {
        var state = await _client.GetAsync($"/v2/{kind}/{Uri.EscapeDataString(id)}", cancellationToken);
        return _client.NeedText(state, "status") switch
        {
            "completed" => state,
            "failed" or "cancelled" => throw new BlockException(string.Create(CultureInfo.InvariantCulture, $"Firecrawl ended the {kind} '{id}' as {state.Text("status")}: {ApiAnswers.ReasonOf(state.Member("error") ?? default, "")}")),
            _ => null,
        };
    }

    private async Task<JsonElement> PostAsync(string path, Dictionary<string, object> body, CancellationToken cancellationToken)
    {
        var answer = await _client.PostAsync("/v2/" + path, body, cancellationToken);
        return answer.Member("success") is { ValueKind: JsonValueKind.False } ? throw new BlockException($"Firecrawl refused the {path}: {ApiAnswers.ReasonOf(answer, "")}") : answer;
    }
}
