using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.DataForSeo;

/// <summary>The keyword research of DataForSEO.</summary>
/// <param name="context">The node execution.</param>
internal sealed class DataForSeoClient(BlockContext context)
{
    private const long Success = 20000;

    private const long TooManyRequests = 40202;

    private static readonly Vendor Vendor = new("dataforseo", "DataForSEO", "https://api.dataforseo.com");

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>The items that a research finds, each a keyword with its figures.</summary>
    /// <param name="kind"><c>keyword_suggestions</c> or <c>related_keywords</c>.</param>
    /// <param name="input">What is asked for.</param>
    /// <param name="depth">How far from the keyword, 0 to 4; null where the research has no depth.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request or the task in it failed.</exception>
    public async Task<IReadOnlyList<JsonElement>> ResearchAsync(string kind, KeywordInput input, long? depth, CancellationToken cancellationToken)
    {
        var task = new
        {
            keyword = input.Keyword,
            location_code = input.LocationCode,
            language_code = input.LanguageCode,
            include_seed_keyword = input.IncludeSeedKeyword,
            include_serp_info = input.IncludeSerpInfo,
            include_clickstream_data = input.IncludeClickstreamData,
            limit = input.Limit,
            depth,
        };
        var answer = await _client.PostAsync($"/v3/dataforseo_labs/google/{kind}/live", new[] { task }, cancellationToken);
        var done = _client.NeedItems(answer, "tasks");
        if (done.Count == 0) throw _client.Malformed("it has no task");
        // Errors of the task itself come with status 200.
        if (done[0].Whole("status_code") is not Success) throw Failed(done[0]);
        return [.. done[0].Items("result").Take(1).SelectMany(result => result.Items("items"))];
    }

    private static BlockException Failed(JsonElement task)
    {
        var message = task.Text("status_message") ?? "Task failed";
        return new BlockException(task.Whole("status_code") == TooManyRequests ? $"DataForSEO had too many requests of this credential: {message}. Try again later" : $"DataForSEO task error: {message}");
    }
}
