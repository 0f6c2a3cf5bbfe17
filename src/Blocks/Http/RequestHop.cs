using System.Net;

namespace Grainflow.Blocks.Http;

/// <summary>A request at one station of its way: the first address, or where a redirect sent it.</summary>
/// <param name="Method">The method.</param>
/// <param name="Address">The address.</param>
/// <param name="Headers">Request headers.</param>
/// <param name="ContentHeaders">Headers of the body.</param>
/// <param name="Body">The body, or null.</param>
internal sealed record RequestHop(
    HttpMethod Method,
    Uri Address,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyList<KeyValuePair<string, string>> ContentHeaders,
    byte[]? Body)
{
    private const string DefaultUserAgent = "Grainflow";

    private static readonly string[] CredentialHeaders = ["Authorization", "Proxy-Authorization", "Cookie"];

    public static async Task<RequestHop> FirstAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } address) throw new OutgoingHttpException("The address of a request must be absolute, such as https://example.com/.");
        var headers = Copy(request.Headers.NonValidated);
        if (!request.Headers.NonValidated.Contains("User-Agent")) headers.Add(KeyValuePair.Create("User-Agent", DefaultUserAgent));
        if (request.Content is not { } content) return new RequestHop(request.Method, address, headers, [], null);
        var body = await content.ReadAsByteArrayAsync(cancellationToken);
        return new RequestHop(request.Method, address, headers, Copy(content.Headers.NonValidated), body);
    }

    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(Method, Address);
        foreach (var (name, value) in Headers) message.Headers.TryAddWithoutValidation(name, value);
        if (Body is null) return message;
        message.Content = new ByteArrayContent(Body);
        foreach (var (name, value) in ContentHeaders)
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) message.Content.Headers.TryAddWithoutValidation(name, value);
        return message;
    }

    /// <summary>
    /// The request that a redirect asks for, or null when the reply is none. A POST becomes a GET as in browsers; credentials
    /// do not go to another origin.
    /// </summary>
    public RequestHop? Follow(HttpStatusCode status, Uri? location)
    {
        if ((int)status is not (301 or 302 or 303 or 307 or 308) || location is null || !Uri.TryCreate(Address, location, out var target)) return null;
        var turnsToGet = (status == HttpStatusCode.SeeOther && Method != HttpMethod.Head && Method != HttpMethod.Get)
            || ((int)status is 301 or 302 && Method == HttpMethod.Post);
        var headers = IsSameOrigin(Address, target) ? Headers : [.. Headers.Where(header => !IsOneOf(CredentialHeaders, header.Key) && !IsOneOf(["Host"], header.Key))];
        return turnsToGet
            ? new RequestHop(HttpMethod.Get, target, headers, [], null)
            : this with { Address = target, Headers = headers };
    }

    private static bool IsSameOrigin(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.IdnHost.Equals(right.IdnHost, StringComparison.OrdinalIgnoreCase) && left.Port == right.Port;

    private static bool IsOneOf(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static List<KeyValuePair<string, string>> Copy(System.Net.Http.Headers.HttpHeadersNonValidated headers) =>
        [.. headers.SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value))];
}
