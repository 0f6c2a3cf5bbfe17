namespace Grainflow.Blocks.Http;

/// <summary>
/// Sends the HTTP requests of blocks; blocks have no other access to the network. A name is resolved once, private and special
/// addresses are refused, the connection goes to the address that was checked, and each redirect is checked again (contract:
/// block-tiers, Send Web Request; DESIGN section 9).
/// </summary>
public interface IOutgoingHttp
{
    /// <summary>Sends a request, follows redirects, and reads the whole reply, whatever its status.</summary>
    /// <param name="request">An absolute http or https address; the caller keeps ownership.</param>
    /// <param name="cancellationToken">Cancels the exchange.</param>
    /// <exception cref="OutgoingHttpException">The address is refused, cannot be reached, or the reply is too large.</exception>
    Task<OutgoingReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken);
}

/// <summary>What a request asks of <see cref="IOutgoingHttp"/> beside its address, headers and body.</summary>
public static class OutgoingRequest
{
    /// <summary>Whether a redirect is the answer and is not followed, because the body of the request has a secret for this address alone. Unset for false.</summary>
    public static readonly HttpRequestOptionsKey<bool> StaysAtAddress = new("Grainflow.StaysAtAddress");
}

/// <summary>A reply that was read to its end.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="ContentType">The Content-Type header as it was sent, or null.</param>
/// <param name="Body">The body after content decoding; empty when there is none.</param>
/// <param name="RequestAddress">The address that gave the reply, after redirects.</param>
public sealed record OutgoingReply(int Status, string? ContentType, ReadOnlyMemory<byte> Body, Uri RequestAddress)
{
    /// <summary>The headers of the reply by name, without those of the body.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The header Retry-After as it was sent, or null.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>True for 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>A request was refused or failed, or its reply could not be read. Users see the message.</summary>
public sealed class OutgoingHttpException : Exception
{
    /// <summary>Makes the failure of a request.</summary>
    /// <param name="message">What failed; for a refused address how to allow it, and for a request that must not be repeated whether it may have been received.</param>
    /// <param name="inner">The cause, or null.</param>
    public OutgoingHttpException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
