using System.Globalization;
using System.Net;

namespace Grainflow.Blocks.Http;

/// <summary>An endpoint whose addresses are not checked: <c>host</c>, <c>host:port</c> or an origin such as <c>http://127.0.0.1:9000</c>.</summary>
/// <param name="Scheme">http or https, or null for both.</param>
/// <param name="Host">A name or an address, in lower case, without brackets.</param>
/// <param name="Port">The port, or null for any.</param>
internal sealed record TrustedEndpoint(string? Scheme, string Host, int? Port)
{
    /// <summary>Reads an endpoint.</summary>
    /// <exception cref="FormatException">The text names no endpoint.</exception>
    public static TrustedEndpoint Parse(string text)
    {
        var trimmed = text.Trim();
        var hasScheme = trimmed.Contains("://", StringComparison.Ordinal);
        if (!hasScheme && !trimmed.StartsWith('[') && IPAddress.TryParse(trimmed, out var bare)) return new TrustedEndpoint(null, bare.ToString(), null);
        if (!Uri.TryCreate(hasScheme ? trimmed : "http://" + trimmed, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https")
            || uri.IdnHost.Length == 0
            || uri.UserInfo.Length > 0
            || uri.PathAndQuery != "/")
            throw new FormatException($"'{text}' is no endpoint: write host, host:port or an origin such as http://127.0.0.1:9000.");
        var named = trimmed.TrimEnd('/').EndsWith(":" + uri.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return new TrustedEndpoint(hasScheme ? uri.Scheme : null, HostOf(uri), hasScheme || named ? uri.Port : null);
    }

    /// <summary>True when requests to an address go to this endpoint.</summary>
    public bool Covers(Uri address) =>
        (Scheme is null || Scheme == address.Scheme) && (Port is null || Port == address.Port) && Host == HostOf(address);

    private static string HostOf(Uri address) => address.IdnHost.Trim('[', ']').ToLowerInvariant();
}
