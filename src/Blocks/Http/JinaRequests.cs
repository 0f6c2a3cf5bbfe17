using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Http;

/// <summary>Requests to the services of Jina, and plain fetches beside them.</summary>
internal static class JinaRequests
{
    /// <summary>Searches; what follows is the encoded query.</summary>
    public const string Search = "https://s.jina.ai/";

    /// <summary>Reads a page; what follows is its address.</summary>
    public const string Reader = "https://r.jina.ai/";

    /// <summary>Fetches a text.</summary>
    /// <param name="address">Where from.</param>
    /// <param name="credential">The key that goes with the request; null to send none.</param>
    /// <param name="context">The run.</param>
    /// <param name="failure">What a failure's message begins with.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed or was not answered with success.</exception>
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

    private static string Shortened(string text) => text.Length <= 500 ? text : text[..500] + "…";
}
