using Grainflow.Blocks.Http;

namespace Grainflow.Silo.Scenarios;

/// <summary>Answers HTTP requests with the replies of a case. Each reply is given once, in the order of the case.</summary>
internal sealed class ScriptedHttp(IEnumerable<ExternalCall> calls) : IOutgoingHttp
{
    private readonly List<ExternalCall> _left = [.. calls];

    /// <inheritdoc/>
    public Task<OutgoingReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri ?? throw new OutgoingHttpException("The request has no address.");
        lock (_left)
        {
            var call = _left.Find(call => Fits(call, request.Method, address))
                ?? throw new OutgoingHttpException($"The scenario has no reply left to {request.Method} {address.AbsoluteUri}");
            _left.Remove(call);
            return Task.FromResult(new OutgoingReply(call.Status, call.ContentType, call.Body, address));
        }
    }

    private static bool Fits(ExternalCall call, HttpMethod method, Uri address) =>
        call.Method!.Equals(method.Method, StringComparison.OrdinalIgnoreCase)
        && (call.Url == address.AbsoluteUri || call.Url == address.OriginalString || (Uri.TryCreate(call.Url, UriKind.Absolute, out var url) && url == address));
}
