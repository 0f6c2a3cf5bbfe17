using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>Requests of OAuth to servers that users and documents name. They go through the guarded client, their answers are bounded, and their failures are those of OAuth.</summary>
internal static class OAuthRequests
{
    private const int MostAnswerBytes = 256 * 1024;

    /// <summary>Sends a request.</summary>
    /// <param name="http">Sends it.</param>
    /// <param name="request">The request.</param>
    /// <param name="server">The server, for the error.</param>
    /// <param name="what">What it is asked to do, for the error.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The reply, whatever its status, and its JSON; null when it is none, or too large.</returns>
    /// <exception cref="OAuthException">The server cannot be reached.</exception>
    public static async Task<(OutgoingReply Reply, JsonElement? Json)> SendAsync(IOutgoingHttp http, HttpRequestMessage request, string server, string what, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await http.SendAsync(request, cancellationToken);
            return (reply, reply.Body.Length <= MostAnswerBytes && JsonValues.TryParse(Encoding.UTF8.GetString(reply.Body.Span), out var json) ? json : null);
        }
        catch (OutgoingHttpException exception)
        {
            throw new OAuthException($"{server} could not be asked to {what}: {exception.Message}", isPassing: true, exception);
        }
    }

    /// <summary>What a reply says that does not do what was asked. It has the error code and no description, which may repeat what was sent.</summary>
    /// <param name="server">The server.</param>
    /// <param name="what">What it was asked to do.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="json">Its JSON, or null.</param>
    public static OAuthException Refusal(string server, string what, OutgoingReply reply, JsonElement? json)
    {
        var error = json is { } answer && TokenAnswer.Error(answer) is { } code ? $", {code}" : "";
        return new OAuthException($"{server} did not {what}: status {reply.Status}{error}.", isPassing: reply.Status is >= 500 or 429 or 408);
    }
}
