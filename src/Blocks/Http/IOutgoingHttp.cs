namespace Grainflow.Blocks.Http;

/// <summary>
/// The one way by which blocks reach the network. Resolves a name once, refuses private and special addresses, connects
/// to the address it checked, and checks each redirect again (contract: block-tiers, Send Web Request; DESIGN section 9).
/// </summary>
public interface IOutgoingHttp
{
    /// <summary>Sends a request and reads the whole reply, whatever its status.</summary>
    /// <param name="request">An absolute http or https address; the caller keeps ownership.</param>
    /// <param name="cancellationToken">Cancels the exchange.</param>
    /// <exception cref="OutgoingHttpException">The address is refused, cannot be reached, or the reply is too large.</exception>
    Task<OutgoingReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken);
}
