using System.Net;

namespace Grainflow.Blocks.Http;

/// <summary>A request to one address: the first of a block's request, or the one that a redirect asks for.</summary>
/// <param name="Method">The method.</param>
/// <param name="Address">An absolute address of any scheme.</param>
/// <param name="Headers">Request headers without those of the body.</param>
/// <param name="ContentHeaders">Headers of the body; none without a body.</param>
/// <param name="Body">The body; null for none, which is sent otherwise than an empty one.</param>
internal sealed record RequestHop(
    HttpMethod Method,
    Uri Address,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyList<KeyValuePair<string, string>> ContentHeaders,
    byte[]? Body)
{
    private const string DefaultUserAgent = "Grainflow";

    private static readonly string[] CredentialHeaders = ["Authorization", "Proxy-Authorization", "Cookie"];

    /// <summary>
    /// The names of request headers whose values are secrets of one origin, beside those that are so in every request. A redirect to another origin is followed without
    /// them. Unset for none.
    /// </summary>
    public static readonly HttpRequestOptionsKey<IReadOnlyList<string>> SecretHeaders = new("Grainflow.SecretHeaders");

    /// <summary>The server that a request is sent through, with its redirects. It is checked like any other; what it reaches is not of this network. Unset for none.</summary>
    public static readonly HttpRequestOptionsKey<OutgoingProxy> Through = new("Grainflow.Through");

    /// <summary>How long a request may take that is known to take longer than the setting allows. The longer of both counts. Unset for the setting.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> TimeLimit = new("Grainflow.TimeLimit");

    private static readonly HttpMethod[] RepeatableMethods = [HttpMethod.Get, HttpMethod.Head, HttpMethod.Put, HttpMethod.Delete];

    private IReadOnlyList<string> Secrets { get; init; } = CredentialHeaders;

    private bool Stays { get; init; }

    /// <summary>The server that the request is sent through, or null.</summary>
    public OutgoingProxy? Proxy { get; init; }

    /// <summary>
    /// True when the server does the same for one request and for two: by its method (RFC 9110, section 9.2.2), or because it has an
    /// <c>Idempotency-Key</c> by which the server recognises the second.
    /// </summary>
    public bool IsRepeatable =>
        RepeatableMethods.Contains(Method) || Headers.Any(header => header.Key.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(header.Value));

    /// <summary>Copies a request, so that it can be sent again and changed by redirects.</summary>
    /// <exception cref="OutgoingHttpException">The address is not absolute.</exception>
    public static async Task<RequestHop> FirstAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } address) throw new OutgoingHttpException("The address of a request must be absolute, such as https://example.com/.");
        var headers = Copy(request.Headers.NonValidated);
        if (!request.Headers.NonValidated.Contains("User-Agent")) headers.Add(KeyValuePair.Create("User-Agent", DefaultUserAgent));
        string[] secrets = [.. CredentialHeaders, .. request.Options.TryGetValue(SecretHeaders, out var more) ? more : []];
        var proxy = request.Options.TryGetValue(Through, out var through) ? through : null;
        if (request.Content is not { } content) return new RequestHop(request.Method, address, headers, [], null) { Secrets = secrets, Proxy = proxy };
        var body = await content.ReadAsByteArrayAsync(cancellationToken);
        var stays = request.Options.TryGetValue(OutgoingRequest.StaysAtAddress, out var asked) && asked;
        return new RequestHop(request.Method, address, headers, Copy(content.Headers.NonValidated), body) { Secrets = secrets, Proxy = proxy, Stays = stays };
    }

    /// <summary>A new message for this request, for one sending; the caller disposes it.</summary>
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
    /// The request that a redirect asks for, or null when the reply is no redirect, names no address or is not to be followed. A POST becomes a GET as in
    /// browsers; credentials are not sent to another origin.
    /// </summary>
    public RequestHop? Follow(HttpStatusCode status, Uri? location)
    {
        if (Stays || (int)status is not (301 or 302 or 303 or 307 or 308) || location is null || !Uri.TryCreate(Address, location, out var target)) return null;
        var turnsToGet = (status == HttpStatusCode.SeeOther && Method != HttpMethod.Head && Method != HttpMethod.Get)
            || ((int)status is 301 or 302 && Method == HttpMethod.Post);
        var headers = IsSameOrigin(Address, target) ? Headers : [.. Headers.Where(header => !IsOneOf(Secrets, header.Key) && !IsOneOf(["Host"], header.Key))];
        return turnsToGet
            ? new RequestHop(HttpMethod.Get, target, headers, [], null) { Secrets = Secrets, Proxy = Proxy }
            : this with { Address = target, Headers = headers };
    }

    private static bool IsSameOrigin(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.IdnHost.Equals(right.IdnHost, StringComparison.OrdinalIgnoreCase) && left.Port == right.Port;

    private static bool IsOneOf(IReadOnlyList<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static List<KeyValuePair<string, string>> Copy(System.Net.Http.Headers.HttpHeadersNonValidated headers) =>
        [.. headers.SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value))];
}
