using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.WordPress;

/// <summary>Blogs of WordPress.com, and those that it manages.</summary>
/// <param name="context">The node execution.</param>
internal sealed class WordPressClient(BlockContext context)
{
    private static readonly Vendor Vendor = new("wordpress", "WordPress.com", "https://public-api.wordpress.com");

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>
    /// Creates a post, and returns it as the vendor has it. The vendor takes no key by which he would recognise a second request: an attempt that is repeated after a crash may create
    /// another post.
    /// </summary>
    /// <param name="site">The id or the domain of the blog.</param>
    /// <param name="fields">The fields of the post.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<JsonElement> CreateAsync(string site, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        var post = await _client.SendAsync(new ApiRequest(HttpMethod.Post, $"{PathOf(site)}/new") { Content = () => new FormUrlEncodedContent(fields) }, cancellationToken);
        _client.Need(post, "ID");
        return post;
    }

    /// <summary>A page of the posts of a blog, and how many there are.</summary>
    /// <param name="site">The id or the domain of the blog.</param>
    /// <param name="status">The state of the posts; null for published ones.</param>
    /// <param name="number">The most posts, 100 at the vendor.</param>
    /// <param name="offset">How many posts to leave out at the beginning.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed, or the answer has no posts.</exception>
    public async Task<(IReadOnlyList<JsonElement> Posts, long Found)> ListAsync(string site, string? status, long number, long offset, CancellationToken cancellationToken)
    {
        var query = ApiRequest.Query(("number", Text(number)), ("offset", Text(offset)), ("status", status));
        var answer = await _client.GetAsync($"{PathOf(site)}/{query}", cancellationToken);
        var posts = _client.NeedItems(answer, "posts");
        return (posts, answer.Whole("found") ?? posts.Count);
    }

    private static string PathOf(string site) => $"/rest/v1.1/sites/{ApiRequest.Segment(site, "site")}/posts";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
