using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Auth;

/// <summary>
/// Decides which web pages may call. With auth off every request is an administrator's, so requests are refused that come from a page of
/// another site, or by a host name of another site that resolves to this machine (decision 3).
/// </summary>
/// <param name="options">The allowed origins.</param>
public sealed class RequestOrigins(IOptions<GatewayOptions> options)
{
    private const string PatternMark = "regex:";

    private readonly Regex[] _patterns = [.. options.Value.CorsAllowOrigins.Where(IsPattern).Select(Pattern)];

    /// <summary>True for an entry that is allowed in <see cref="GatewayOptions.CorsAllowOrigins"/>.</summary>
    /// <param name="entry">An origin, or a pattern after <c>regex:</c>.</param>
    public static bool IsValid(string entry)
    {
        if (!IsPattern(entry)) return Uri.TryCreate(entry, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") && uri.AbsolutePath == "/";
        try
        {
            Pattern(entry);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>True for an origin of the settings.</summary>
    /// <param name="origin">A value of the header <c>Origin</c>.</param>
    public bool IsAllowed(string origin) =>
        options.Value.CorsAllowOrigins.Contains(origin.TrimEnd('/'), StringComparer.OrdinalIgnoreCase) || Array.Exists(_patterns, pattern => pattern.IsMatch(origin));

    /// <summary>The reason for which a request is refused, for the answer; null when it is not refused. With auth on nothing is refused here.</summary>
    /// <param name="request">The request; a WebSocket handshake too.</param>
    public string? Refusal(HttpRequest request)
    {
        if (options.Value.EnableAuth) return null;
        if (!IsLocal(request.Host.Host) && !IsDelivery(request)) return $"Host '{request.Host.Value}' is refused while ENABLE_AUTH is false: use {Address(request)}.";
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || IsAllowed(origin) || IsOwn(origin, request.Host)) return null;
        return $"Origin '{origin}' is refused while ENABLE_AUTH is false: add it to BACKEND_CORS_ALLOW_ORIGINS.";
    }

    /// <summary>
    /// True for a delivery of a webhook at the public address of the platform, as a tunnel or a proxy passes it on: no other path is open to it, and its signature is checked
    /// as with authentication.
    /// </summary>
    private bool IsDelivery(HttpRequest request) =>
        options.Value.PlatformBaseUrl is { } address && request.Host.Host.Equals(address.Host, StringComparison.OrdinalIgnoreCase) && HttpMethods.IsPost(request.Method)
        && request.Path.StartsWithSegments("/api/integrations", StringComparison.Ordinal) && request.Path.Value!.EndsWith("/ingress", StringComparison.Ordinal);

    private static bool IsPattern(string entry) => entry.StartsWith(PatternMark, StringComparison.Ordinal);

    private static Regex Pattern(string entry) => new($@"\A(?:{entry[PatternMark.Length..]})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    /// <summary>True for names of this machine that no name server can give to another one.</summary>
    private static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>The address at which the request came in: the server may listen to IPv6 or to another loopback address alone.</summary>
    private static string Address(HttpRequest request)
    {
        if (request.HttpContext.Connection.LocalIpAddress is not { } local) return "localhost";
        var address = local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local;
        return new UriBuilder(Uri.UriSchemeHttp, address.ToString(), request.HttpContext.Connection.LocalPort).Uri.GetLeftPart(UriPartial.Authority);
    }

    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsLocal(uri.Host) && uri.Port == (host.Port ?? 80);
}
