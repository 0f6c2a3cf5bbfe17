using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Text;

namespace Grainflow.Blocks.Http;

/// <summary>GET requests of the blocks that search and read web pages, by the services of Jina or directly.</summary>
internal static class JinaRequests
{
    /// <summary>The search service; the percent-encoded query is appended.</summary>
    public const string Search = "https://s.jina.ai/";

    /// <summary>The service that reads a page as text; the address of the page is appended.</summary>
    public const string Reader = "https://r.jina.ai/";

    /// <summary>Fetches a text.</summary>
    /// <param name="address">An absolute http or https address.</param>
    /// <param name="credential">The key that is sent as a bearer token; null to send none.</param>
    /// <param name="context">The context of the block.</param>
    /// <param name="failure">The beginning of the message of every failure.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The address is none, the request failed, or its status is not of 200 to 299.</exception>
    public static async Task<string> GetAsync(string address, Credential? credential, BlockContext context, string failure, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) throw new BlockException($"{failure}: '{address}' is not a web address");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", credential.BearerHeader);
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        try
        {
            var reply = await context.Http.SendAsync(request, cancellationToken);
            return reply.IsSuccess ? reply.Text() : throw new BlockException($"{failure}: {uri.Host} answered {reply.Status}: {Shortened(reply.Text())}");
        }
        catch (OutgoingHttpException e)
        {
            throw new BlockException($"{failure}: {e.Message}", e);
        }
    }

    private static string Shortened(string text) => CodePointText.Cut(text, 500) is var start && start.Length < text.Length ? start + "…" : text;
}
